// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "gate/record/conditions_json.h"
#include "gate/record/plan_json.h"
#include "gate/record/record.h"
#include "gate/record/stability_json.h"
#include "gate/record/timeline_json.h"
#include "gate/util/json_object.h"

namespace perfgate {

namespace {

template <class T>
void put(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

template <class T>
void put(Json& json, const char* key, const T& value) {
  json[key] = value;
}

template <class T, class Write>
void put_list(Json& json, const char* key, const std::vector<T>& values, Write write) {
  if (values.empty()) return;
  Json list = Json::array();
  for (const T& value : values) list.push_back(write(value));
  json[key] = std::move(list);
}

Json write_gpu(const GpuFingerprint& gpu) {
  Json json = Json::object();
  each_field(gpu, [&](const char* key, const auto& field) { put(json, key, field); });
  return json;
}

Json write_beat(const MemoryBeat& beat) {
  return {{"period_s", beat.period_s},
          {"period_p5_s", beat.period_p5_s},
          {"period_p95_s", beat.period_p95_s},
          {"length_s", beat.length_s}};
}

Json write_process(const ProcessRecord& process, RawSamples raw) {
  Json json{{"kind", process_kind_id(process.kind)}, {"wall_s", process.wall_s}};
  if (process.side != Side::head) json["side"] = side_id(process.side);
  if (process.round > 0) json["round"] = process.round;
  put(json, "error", process.error);
  if (process.conditions) json["conditions"] = write_conditions(*process.conditions);
  if (process.sentinels)
    json["sentinels"] = {{"read_bytes_per_s", process.sentinels->read_bytes_per_s},
                         {"fma_flops", process.sentinels->fma_flops}};
  if (process.memory_beat) json["memory_beat"] = write_beat(*process.memory_beat);
  if (process.dither)
    json["dither"] = {{"seed", process.dither->seed}, {"longest_s", process.dither->longest_s}};
  if (!process.phases_s.empty()) json["phases_s"] = process.phases_s;
  put(json, "passes", process.passes);
  put_list(json, "checks", process.checks, [](const CaseCheck& check) {
    Json out{{"case", check.case_id}};
    put(out, "error", check.error);
    out["limit"] = check.limit;
    out["elements"] = check.elements;
    out["passed"] = check.passed;
    return out;
  });
  put_list(json, "kernels", process.kernels, [](const CaseKernels& kernels) {
    Json out{{"case", kernels.case_id}};
    put_list(out, "launches", kernels.launches, write_launch);
    return out;
  });
  put_list(json, "timings", process.timings, [&](const Timing& timing) {
    Json out{{"case", timing.case_id},        {"count", timing.count},
             {"iq_mean_s", timing.iq_mean_s}, {"median_s", timing.median_s},
             {"q1_s", timing.q1_s},           {"q3_s", timing.q3_s},
             {"min_s", timing.min_s},         {"max_s", timing.max_s}};
    if (!timing.placements_s.empty()) out["placements_s"] = timing.placements_s;
    if (raw == RawSamples::keep && !timing.samples_s.empty()) out["samples_s"] = timing.samples_s;
    return out;
  });
  put_list(json, "metrics", process.metrics, [](const CaseMetrics& metrics) {
    Json out{{"case", metrics.case_id}, {"values", metrics.values}};
    if (!metrics.stability.empty())
      for (const Stability listed : listed_stabilities)
        out[stability_id(listed)] = ids_that_are(listed, metrics.stability);
    if (!metrics.doubtful.empty()) out["doubtful"] = metrics.doubtful;
    return out;
  });
  put_list(json, "failures", process.failures, [](const CaseFailure& failure) {
    return Json{{"case", failure.case_id}, {"why", failure.why}};
  });
  put_list(json, "absent", process.absent, [](const AbsentMetric& absent) {
    return Json{{"metric", absent.metric}, {"why", absent.why}};
  });
  put_list(json, "timelines", process.timelines, write_timeline);
  return json;
}

}  // namespace

std::string write_record(const RunRecord& record, RawSamples raw) {
  Json json{{"schema", record_schema},     {"kind", "run"},
            {"perfgate", record.perfgate}, {"commit", record.commit},
            {"created", record.created},   {"command", record.command},
            {"gpu_id", record.gpu_id},     {"clocks", clock_policy_id(record.clocks)}};
  // Free clocks have no target.
  if (record.clocks != ClockPolicy::observe) {
    json["clock_target"]["tolerance"] = record.clock_target.tolerance;
    put(json["clock_target"], "sm_hz", record.clock_target.sm_hz);
    put(json["clock_target"], "memory_hz", record.clock_target.memory_hz);
  }
  if (!record.only.empty()) json["only"] = record.only;
  if (record.order_seed) json["order_seed"] = *record.order_seed;
  if (record.gpu) json["gpu"] = write_gpu(*record.gpu);
  json["plan"] = write_plan(record.plan);
  put_list(json, "processes", record.processes,
           [&](const ProcessRecord& process) { return write_process(process, raw); });
  return json_text(json);
}

}  // namespace perfgate
