// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "gate/diagnose/diagnosis.h"
#include "gate/report/render.h"
#include "gate/util/json_object.h"

namespace perfgate {

namespace {

/// Writes a value only if there is one.
void put(Json& json, const char* key, const std::optional<double>& value) {
  if (value) json[key] = *value;
}

Json split_json(const TimeBreakdown& split) {
  return {{"base_s", split.base_s}, {"head_s", split.head_s},
          {"total", split.total()}, {"instructions", split.instructions},
          {"ipc", split.ipc},       {"clock", split.clock},
          {"rest", split.rest}};
}

Json roofline_json(const Roofline& roofline) {
  Json json{{"bound", bound_info(roofline.bound).id}, {"words", bound_words(roofline)}};
  if (roofline.pipe) json["pipe"] = pipe_info(*roofline.pipe).id;
  put(json, "operations", roofline.operations);
  put(json, "operations_per_s", roofline.operations_per_s);
  put(json, "intensity", roofline.intensity);
  put(json, "hbm_bytes", roofline.hbm_bytes);
  put(json, "hbm_bytes_per_s", roofline.hbm_bytes_per_s);
  put(json, "hbm_roof", roofline.hbm_roof);
  put(json, "hbm_share", roofline.hbm_share());
  put(json, "l2_share", roofline.l2_share);
  put(json, "sm_share", roofline.sm_share);
  put(json, "clock_hz", roofline.clock_hz);
  put(json, "pipe_roof", roofline.pipe_roof());
  put(json, "pipe_share", roofline.pipe_share());
  put(json, "attainable", roofline.attainable());
  return json;
}

Json causes_json(const CaseReport& entry) {
  Json list = Json::array();
  for (const CauseFound& found : entry.causes)
    list.push_back({{"cause", cause_info(found.cause).id},
                    {"title", cause_title(found.cause, entry.change)},
                    {"share", found.share},
                    {"evidence", found.evidence}});
  return list;
}

Json case_json(const CaseReport& entry) {
  Json json{{"group", entry.group},
            {"part", entry.part},
            {"verdict", verdict_info(entry.verdict()).id},
            {"reason", reason_info(entry.reason).id},
            {"why", entry.why},
            {"tolerance", entry.tolerance},
            {"threshold", entry.threshold}};
  if (!entry.whole_of.empty()) json["whole_of"] = entry.whole_of;
  if (entry.place) json["place"] = {{"file", entry.place->file}, {"line", entry.place->line}};
  put(json, "bytes", entry.bytes);
  if (entry.rounds > 0) json["rounds"] = entry.rounds;
  if (entry.base_s) json["base_s"] = *entry.base_s;
  if (entry.head_s) json["head_s"] = *entry.head_s;
  if (entry.change)
    json["change"] = {{"effect", entry.change->effect},
                      {"lower", entry.change->lower},
                      {"upper", entry.change->upper},
                      {"detectable", entry.change->detectable}};
  Json metrics = Json::object();
  for (const auto& [id, pair] : entry.metrics) {
    Json values = Json::object();
    if (pair.base) values["base"] = *pair.base;
    if (pair.head) values["head"] = *pair.head;
    if (pair.doubtful) values["doubtful"] = true;
    metrics[id] = std::move(values);
  }
  json["metrics"] = std::move(metrics);
  json["kernels"] = entry.kernels;
  json["code"] = code_match_info(entry.code).id;
  if (!entry.explanation.empty()) {
    json["explanation"] = entry.explanation;
    json["cause"] = cause_info(entry.cause).id;
    if (!entry.causes.empty()) json["causes"] = causes_json(entry);
  }
  if (!entry.machine_code.empty()) json["machine_code"] = entry.machine_code;
  if (entry.split) json["split"] = split_json(*entry.split);
  if (entry.roofline) json["roofline"] = roofline_json(*entry.roofline);
  return json;
}

}  // namespace

std::string render_json(const Report& report) {
  Json json{{"schema", result_schema},
            {"kind", "result"},
            {"perfgate", report.perfgate},
            {"source", origin_info(report.origin).id},
            {"verdict", verdict_word(report.exit_code)},
            {"exit_code", static_cast<int>(report.exit_code)},
            {"sentence", verdict_sentence(report)},
            {"gpu_id", report.gpu_id},
            {"gpu", report.gpu_name},
            {"conditions", report.conditions},
            {"against", report.against},
            {"wall_s", report.wall_s}};
  if (!report.commit.empty()) json["commit"] = report.commit;
  if (!report.head.empty()) json["head"] = report.head;
  if (!report.created.empty()) json["created"] = report.created;
  Json counts = Json::object();
  for (const VerdictInfo& info : verdicts)
    // What is judged has no case that is only measured.
    if (const std::size_t count = report.count(info.verdict);
        count > 0 || info.verdict != Verdict::measured)
      counts[std::string(info.id)] = count;
  json["counts"] = std::move(counts);
  json["notes"] = report.notes;
  // The units let a reader of this file alone scale the values for people.
  json["metrics"] = Json::array();
  for (const Metric& metric : report.metrics)
    json["metrics"].push_back(
        {{"id", metric.id}, {"title", metric.title}, {"unit", unit_info(metric.unit).id}});
  json["cases"] = Json::array();
  for (const CaseReport& entry : report.cases) json["cases"].push_back(case_json(entry));
  return json_text(json);
}

}  // namespace perfgate
