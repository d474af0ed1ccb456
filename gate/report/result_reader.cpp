// SPDX-License-Identifier: Apache-2.0
#include "gate/report/result_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "gate/record/case_name.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/json_object.h"
#include "gate/util/text.h"
#include "gate/util/version.h"

namespace perfgate {

namespace {

constexpr std::size_t longest_word = 400;    // bytes of a name
constexpr std::size_t longest_line = 16384;  // of a sentence
/// Every cell of a table looks its metric up in the list. metrics.toml has below a hundred.
constexpr std::size_t most_metrics = 1000;

std::string bounded(JsonObject& json, const char* key, std::size_t longest) {
  std::string text = json.string(key);
  if (text.size() > longest)
    json.fail(key, fmt::format("{} bytes long, more than {}", text.size(), longest));
  return text;
}

/// Skips a known key whose value follows from others.
/// It may be as large as the quotient of two numbers that a file may hold.
void skip_number(JsonObject& json, const char* key) {
  if (json.has(key) && !json.any(key).is_number()) json.fail(key, "expected a number");
}

Change read_change(JsonObject json) {
  Change change{json.number("effect"), json.number("lower"), json.number("upper"),
                json.number("detectable")};
  if (change.lower > change.effect) json.fail("lower", "is above effect");
  if (change.upper < change.effect) json.fail("upper", "is below effect");
  json.finish();
  return change;
}

TimeBreakdown read_split(JsonObject json) {
  TimeBreakdown split;
  split.base_s = json.number("base_s");
  split.head_s = json.number("head_s");
  split.instructions = json.number("instructions");
  split.ipc = json.number("ipc");
  split.clock = json.number("clock");
  split.rest = json.number("rest");
  skip_number(json, "total");
  json.finish();
  return split;
}

Roofline read_roofline(JsonObject json) {
  Roofline roofline;
  roofline.bound = choose(bounds, json, "bound").bound;
  json.string("words");
  if (json.has("pipe")) roofline.pipe = choose(pipes, json, "pipe").pipe;
  roofline.operations = json.optional_number("operations");
  roofline.operations_per_s = json.optional_number("operations_per_s");
  roofline.intensity = json.optional_number("intensity");
  roofline.hbm_bytes = json.optional_number("hbm_bytes");
  roofline.hbm_bytes_per_s = json.optional_number("hbm_bytes_per_s");
  roofline.hbm_roof = json.optional_number("hbm_roof");
  roofline.l2_share = json.optional_number("l2_share");
  roofline.sm_share = json.optional_number("sm_share");
  roofline.clock_hz = json.optional_number("clock_hz");
  const auto roof = json.optional_number("pipe_roof");
  if (roof && !roofline.pipe) json.fail("pipe_roof", "needs a pipe");
  if (roofline.pipe) roofline.pipe_roofs[static_cast<std::size_t>(*roofline.pipe)] = roof;
  for (const char* key : {"hbm_share", "pipe_share", "attainable"}) skip_number(json, key);
  json.finish();
  return roofline;
}

MetricPairs read_metrics(JsonObject json) {
  MetricPairs metrics;
  for (const std::string& id : json.keys()) {
    if (!is_metric_id(id) || id.size() > longest_word)
      json.fail(printable(clipped(valid_utf8(id), 100)), "not a metric's id");
    JsonObject entry = json.object(id);
    MetricPair pair;
    pair.base = entry.optional_number("base");
    pair.head = entry.optional_number("head");
    pair.doubtful = entry.optional_boolean("doubtful").value_or(false);
    entry.finish();
    metrics[id] = pair;
  }
  json.finish();
  return metrics;
}

CauseFound read_cause(JsonObject& json) {
  CauseFound found;
  found.cause = choose(causes, json, "cause").cause;
  bounded(json, "title", longest_word);  // it follows from the cause and the change
  found.share = json.number("share");
  found.evidence = bounded(json, "evidence", longest_line);
  json.finish();
  return found;
}

SourcePlace read_place(JsonObject json) {
  SourcePlace place{bounded(json, "file", longest_word), json.small_integer("line", 1, INT32_MAX)};
  json.finish();
  return place;
}

CaseReport read_case(JsonObject& json) {
  CaseReport entry;
  CaseName name = read_case_name(json);
  entry.id = std::move(name.id);
  entry.group = std::move(name.group);
  entry.part = std::move(name.part);
  entry.whole_of = std::move(name.whole_of);
  entry.reason = choose(reasons, json, "reason").reason;
  if (const std::string_view verdict = choose(verdicts, json, "verdict").id;
      verdict != verdict_info(entry.verdict()).id)
    json.fail("verdict",
              fmt::format("'{}', but the reason {} means '{}'", verdict,
                          reason_info(entry.reason).id, verdict_info(entry.verdict()).id));
  entry.why = bounded(json, "why", longest_line);
  entry.tolerance = json.number("tolerance");
  entry.threshold = json.number("threshold");
  if (json.has("place")) entry.place = read_place(json.object("place"));
  entry.bytes = json.optional_number("bytes");
  if (json.has("rounds")) entry.rounds = json.small_integer("rounds", 1, 1000000);
  for (auto& [key, value] : {std::pair("base_s", &entry.base_s), {"head_s", &entry.head_s}})
    if (json.has(key)) *value = json.positive(key);
  if (json.has("change")) entry.change = read_change(json.object("change"));
  entry.metrics = read_metrics(json.object("metrics"));
  entry.kernels = json.strings("kernels");
  entry.code = choose(code_matches, json, "code").match;
  if (json.has("explanation")) {
    entry.explanation = bounded(json, "explanation", longest_line);
    entry.cause = choose(causes, json, "cause").cause;
    for (JsonObject& found : json.objects("causes")) entry.causes.push_back(read_cause(found));
  }
  if (json.has("machine_code")) entry.machine_code = bounded(json, "machine_code", longest_line);
  if (json.has("split")) entry.split = read_split(json.object("split"));
  if (json.has("roofline")) entry.roofline = read_roofline(json.object("roofline"));
  json.finish();
  return entry;
}

Metric read_metric(JsonObject& json) {
  Metric metric;
  metric.id = bounded(json, "id", longest_word);
  metric.title = bounded(json, "title", longest_word);
  metric.unit = choose(units, json, "unit").unit;
  json.finish();
  return metric;
}

ExitCode read_exit_code(JsonObject& json) {
  const int code = json.small_integer("exit_code", 0, 255);
  for (const ExitCode known : {ExitCode::pass, ExitCode::regressed, ExitCode::no_verdict})
    if (static_cast<int>(known) == code) return known;
  json.fail("exit_code", fmt::format("{} is not 0, 1 or 3", code));
}

/// Readers act on the verdict alone, so it must follow from the cases.
void check_verdict(JsonObject& json, const Report& report) {
  const std::size_t regressed = report.count(Verdict::regressed);
  if (report.cases.empty()) json.fail("cases", "empty: nothing was judged");
  if ((report.exit_code == ExitCode::regressed) != (regressed > 0))
    json.fail("exit_code", fmt::format("{}, but {} regressed", static_cast<int>(report.exit_code),
                                       count_of(regressed, "case")));
  if (report.exit_code == ExitCode::pass && report.failed() > 0)
    json.fail("exit_code",
              fmt::format("0, but of {} nothing could be said", count_of(report.failed(), "case")));
  if (json.string("verdict") != verdict_word(report.exit_code))
    json.fail("verdict",
              fmt::format("expected {} with exit code {}", verdict_word(report.exit_code),
                          static_cast<int>(report.exit_code)));
  JsonObject counts = json.object("counts");
  for (const VerdictInfo& info : verdicts) {
    const std::string id(info.id);
    const auto counted = static_cast<std::int64_t>(report.count(info.verdict));
    // An older perfgate does not know every verdict of this one.
    if ((counts.has(id) ? counts.integer(id, 0, INT32_MAX) : 0) != counted)
      counts.fail(id, fmt::format("{} cases have this verdict", counted));
  }
  counts.finish();
  std::set<std::string_view> ids;
  for (const CaseReport& entry : report.cases)
    if (!ids.insert(entry.id).second)
      json.fail("cases", fmt::format("'{}' stands twice", printable(entry.id)));
}

}  // namespace

Report read_result(std::string_view text, const std::string& source) {
  if (text.size() > longest_result_bytes)
    throw UsageError(fmt::format("{}: {} bytes, more than the {} that a result may have", source,
                                 text.size(), longest_result_bytes));
  const Json document = parse_json(text, source);
  JsonObject json(document, source);
  json.require_schema(result_schema);
  if (const std::string kind = bounded(json, "kind", longest_word); kind != "result")
    json.fail("kind", fmt::format("'{}', not a result; `perfgate compare RUN.json --json "
                                  "RESULT.json` makes one from a run record",
                                  printable(kind)));
  Report report;
  report.perfgate = bounded(json, "perfgate", longest_word);
  json.skip_unknown_of_newer(report.perfgate, perfgate_version);
  report.origin = choose(origins, json, "source").origin;
  report.exit_code = read_exit_code(json);
  bounded(json, "sentence", longest_line);  // it is built again, from the same numbers
  if (json.has("commit")) report.commit = bounded(json, "commit", longest_word);
  if (json.has("head")) report.head = bounded(json, "head", longest_word);
  if (json.has("created")) report.created = bounded(json, "created", longest_word);
  report.gpu_id = bounded(json, "gpu_id", longest_word);
  report.gpu_name = bounded(json, "gpu", longest_line);
  report.conditions = bounded(json, "conditions", longest_line);
  report.against = bounded(json, "against", longest_line);
  report.wall_s = json.number("wall_s");
  report.notes = json.strings("notes");
  std::vector<JsonObject> metrics = json.objects("metrics");
  if (metrics.size() > most_metrics)
    json.fail("metrics", fmt::format("{}, more than {}", metrics.size(), most_metrics));
  std::set<std::string> ids;
  for (JsonObject& metric : metrics) {
    report.metrics.push_back(read_metric(metric));
    if (!ids.insert(report.metrics.back().id).second)
      metric.fail("id", fmt::format("'{}' stands twice", printable(report.metrics.back().id)));
  }
  for (JsonObject& entry : json.objects("cases")) report.cases.push_back(read_case(entry));
  check_verdict(json, report);
  json.finish();
  if (std::string note = json.skipped_note(); !note.empty())
    report.notes.push_back(std::move(note));
  return report;
}

namespace {

/// Returns the different values of the results, in their order.
std::vector<std::string> distinct(const std::vector<Report>& results, std::string Report::*member) {
  std::vector<std::string> out;
  for (const Report& result : results)
    if (std::find(out.begin(), out.end(), result.*member) == out.end())
      out.push_back(result.*member);
  return out;
}

ExitCode worse(ExitCode a, ExitCode b) {
  for (const ExitCode code : {ExitCode::regressed, ExitCode::no_verdict})
    if (a == code || b == code) return code;
  return ExitCode::pass;
}

/// Returns the origin that is further from a live measurement.
Origin weaker(Origin a, Origin b) {
  for (const Origin origin : {Origin::replay, Origin::saved})
    if (a == origin || b == origin) return origin;
  return Origin::live;
}

void add_metrics(Report& merged, const Report& result) {
  for (const Metric& metric : result.metrics) {
    const auto known =
        std::find_if(merged.metrics.begin(), merged.metrics.end(),
                     [&](const Metric& candidate) { return candidate.id == metric.id; });
    if (known == merged.metrics.end())
      merged.metrics.push_back(metric);
    else if (known->unit != metric.unit)
      throw UsageError(fmt::format("metric {} is in {} in one result and in {} in another",
                                   printable(metric.id), unit_info(known->unit).id,
                                   unit_info(metric.unit).id));
  }
}

}  // namespace

Report merge_results(const std::vector<Report>& results) {
  if (results.empty()) throw UsageError("no result to merge");
  if (results.size() == 1) return results[0];
  const std::vector<std::string> gpus = distinct(results, &Report::gpu_id);
  const bool several = gpus.size() > 1;
  Report merged;
  merged.perfgate = join(distinct(results, &Report::perfgate));
  merged.gpu_id = join(gpus, " + ");
  // Results of several commits are of none.
  for (std::string Report::*member : {&Report::commit, &Report::head})
    if (const auto values = distinct(results, member); values.size() == 1)
      merged.*member = values[0];
  merged.created = distinct(results, &Report::created).front();
  merged.gpu_name = join(distinct(results, &Report::gpu_name));
  merged.exit_code = ExitCode::pass;
  std::set<std::string> ids;
  for (const Report& result : results) {
    const auto of_gpu = [&](const std::string& text, std::string_view separator) {
      return several ? fmt::format("{}{}{}", result.gpu_id, separator, text) : text;
    };
    const auto add_line = [&](std::string& line, const std::string& text) {
      // "h100 of 2026-11-25" names the GPU already.
      const bool named = text.starts_with(result.gpu_id + " ");
      line += fmt::format("{}{}", line.empty() ? "" : "; ", named ? text : of_gpu(text, ": "));
    };
    add_line(merged.conditions, result.conditions);
    add_line(merged.against, result.against);
    for (const std::string& note : result.notes)
      if (std::string text = of_gpu(note, ": ");
          std::find(merged.notes.begin(), merged.notes.end(), text) == merged.notes.end())
        merged.notes.push_back(std::move(text));
    add_metrics(merged, result);
    merged.exit_code = worse(merged.exit_code, result.exit_code);
    merged.origin = weaker(merged.origin, result.origin);
    merged.wall_s = std::max(merged.wall_s, result.wall_s);  // the jobs ran in parallel
    for (CaseReport entry : result.cases) {
      entry.group = of_gpu(entry.group, "/");
      entry.id = of_gpu(entry.id, "/");
      for (std::string& id : entry.whole_of) id = of_gpu(id, "/");
      if (!ids.insert(entry.id).second)
        throw UsageError(fmt::format("'{}' is in two of the results of {}: give one result a GPU",
                                     printable(entry.id), printable(result.gpu_id)));
      merged.cases.push_back(std::move(entry));
    }
  }
  return merged;
}

}  // namespace perfgate
