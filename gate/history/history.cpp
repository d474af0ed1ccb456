// SPDX-License-Identifier: Apache-2.0
#include "gate/history/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "gate/record/gpu_fingerprint.h"
#include "gate/report/report.h"
#include "gate/run/run_view.h"
#include "gate/run/validity.h"
#include "gate/util/error.h"
#include "gate/util/json_object.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

double geometric_mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return std::exp(sum / static_cast<double>(values.size()));
}

/// Six digits: a duration's seventh is far below its scatter, and a line is kept for ever.
double rounded(double value) {
  return std::stod(fmt::format("{:.6g}", value));
}

const CaseReport* judged_case(const Report* judged, const std::string& id) {
  if (!judged) return nullptr;
  const auto found = std::find_if(judged->cases.begin(), judged->cases.end(),
                                  [&](const CaseReport& entry) { return entry.id == id; });
  return found == judged->cases.end() ? nullptr : &*found;
}

std::map<std::string, double> exact_metrics(const CaseView& view) {
  std::map<std::string, double> metrics;
  for (const auto& [id, value] : view.metrics)
    if (const auto known = view.stability.find(id);
        known != view.stability.end() && known->second == Stability::exact)
      metrics[id] = value;
  return metrics;
}

HistoryCase read_case(JsonObject json, std::set<std::string>& seen) {
  HistoryCase entry;
  entry.id = json.string("case");
  if (!seen.insert(entry.id).second) json.fail("case", "stands twice");
  entry.duration_s = json.positive("duration_s");
  entry.scatter = json.optional_number("scatter");
  entry.processes = json.small_integer("processes", 1, 1000000);
  entry.verdict = json.optional_string("verdict").value_or("");
  if (json.has("metrics")) {
    JsonObject metrics = json.object("metrics");
    for (const std::string& id : metrics.keys()) entry.metrics[id] = metrics.number(id);
    metrics.finish();
  }
  json.finish();
  return entry;
}

HistoryRun read_line(std::string_view line, const std::string& place) {
  const Json document = parse_json(line, place);
  JsonObject json(document, place);
  json.require_schema(history_schema);
  HistoryRun run;
  run.commit = json.string("commit");
  run.parent = json.optional_string("parent").value_or("");
  run.created = json.string("created");
  run.gpu_id = json.string("gpu_id");
  if (!is_gpu_id(run.gpu_id)) json.fail("gpu_id", std::string(gpu_id_wanted));
  run.board = json.optional_string("board").value_or("");
  run.perfgate = json.optional_string("perfgate").value_or("");
  std::set<std::string> seen;
  for (JsonObject& entry : json.objects("cases")) run.cases.push_back(read_case(entry, seen));
  json.finish();
  return run;
}

}  // namespace

const HistoryCase* HistoryRun::find(std::string_view id) const {
  const auto found =
      std::find_if(cases.begin(), cases.end(), [&](const auto& entry) { return entry.id == id; });
  return found == cases.end() ? nullptr : &*found;
}

HistoryRun history_run(const RunRecord& run, const std::string& parent, const Report* judged) {
  if (const auto invalid = invalid_run(run))
    throw NoVerdict(fmt::format("{}; nothing was added to the history", invalid->why));
  HistoryRun out;
  out.commit = run.commit;
  out.parent = parent;
  out.created = run.created;
  out.gpu_id = run.gpu_id;
  out.board = run.gpu ? run.gpu->uuid : "";
  out.perfgate = run.perfgate;
  const CaseViews views(run);
  for (const Case& planned : run.plan.cases) {
    const CaseView& view = views[planned.id];
    if (view.durations_s.empty() || view.failed_check || view.kernels_changed) continue;
    HistoryCase entry;
    entry.id = planned.id;
    entry.duration_s = rounded(geometric_mean(view.durations_s));
    if (view.durations_s.size() > 1) entry.scatter = rounded(log_deviation(view.durations_s));
    entry.processes = static_cast<int>(view.durations_s.size());
    if (const CaseReport* row = judged_case(judged, planned.id);
        row && row->verdict() != Verdict::pass)
      entry.verdict = verdict_info(row->verdict()).id;
    entry.metrics = exact_metrics(view);
    out.cases.push_back(std::move(entry));
  }
  if (out.cases.empty())
    throw NoVerdict("no case of this run was measured; nothing was added to the history");
  return out;
}

bool same_run(const HistoryRun& a, const HistoryRun& b) {
  return a.created == b.created && a.commit == b.commit && a.board == b.board;
}

bool has_run(std::string_view text, const std::string& source, const HistoryRun& run) {
  const std::string wanted = Json(run.created).dump();
  for (std::size_t at = text.find(wanted); at != std::string_view::npos;
       at = text.find(wanted, at)) {
    const std::size_t begin = text.rfind('\n', at) + 1;  // npos + 1 is 0
    const std::size_t end = std::min(text.find('\n', at), text.size());
    for (const HistoryRun& other : read_history(text.substr(begin, end - begin), source))
      if (same_run(other, run)) return true;
    at = end;
  }
  return false;
}

std::string write_history_line(const HistoryRun& run) {
  Json json{{"schema", history_schema}, {"commit", run.commit}};
  if (!run.parent.empty()) json["parent"] = run.parent;
  json["created"] = run.created;
  json["gpu_id"] = run.gpu_id;
  if (!run.board.empty()) json["board"] = run.board;
  if (!run.perfgate.empty()) json["perfgate"] = run.perfgate;
  json["cases"] = Json::array();
  for (const HistoryCase& entry : run.cases) {
    Json row{{"case", entry.id}, {"duration_s", entry.duration_s}};
    if (entry.scatter) row["scatter"] = *entry.scatter;
    row["processes"] = entry.processes;
    if (!entry.verdict.empty()) row["verdict"] = entry.verdict;
    if (!entry.metrics.empty()) row["metrics"] = entry.metrics;
    json["cases"].push_back(std::move(row));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

History read_history(std::string_view text, const std::string& source) {
  History history;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string place = fmt::format("{}:{}", source, number);
    history.push_back(read_line(line, place));
    if (history.back().gpu_id != history.front().gpu_id)
      throw UsageError(
          fmt::format("{}: a run of {}, the lines before it are of {}: each GPU has a "
                      "file of its own",
                      place, history.back().gpu_id, history.front().gpu_id));
  }
  return history;
}

std::vector<std::string> history_cases(const History& history,
                                       const std::vector<std::string>& only) {
  std::vector<std::string> ids;
  std::set<std::string> seen;
  for (const HistoryRun& run : history)
    for (const HistoryCase& entry : run.cases)
      if (seen.insert(entry.id).second && (only.empty() || matches_any(only, entry.id)))
        ids.push_back(entry.id);
  return ids;
}

}  // namespace perfgate
