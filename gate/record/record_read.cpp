#include "gate/record/record.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/record/conditions_json.h"
#include "gate/record/plan_json.h"
#include "gate/record/stability_json.h"
#include "gate/record/timeline_json.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/json_object.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::int64_t any_integer = INT64_MAX;

/// Reads one field of the fingerprint by its type; an optional one may be absent.
struct FieldReader {
  JsonObject& json;
  static constexpr int most = 100000;  // limit for SMs, lanes and the like

  void operator()(const char* key, std::string& field) const { field = json.string(key); }
  void operator()(const char* key, int& field) const { field = json.small_integer(key, 1, most); }
  void operator()(const char* key, std::int64_t& field) const {
    field = json.integer(key, 0, any_integer);
  }
  void operator()(const char* key, std::optional<std::string>& field) const {
    field = json.optional_string(key);
  }
  void operator()(const char* key, std::optional<double>& field) const {
    field = json.optional_number(key);
  }
  void operator()(const char* key, std::optional<bool>& field) const {
    field = json.optional_boolean(key);
  }
  void operator()(const char* key, std::optional<int>& field) const {
    if (json.has(key)) field = json.small_integer(key, 1, most);
  }
};

GpuFingerprint read_gpu(JsonObject json) {
  GpuFingerprint gpu;
  each_field(gpu, FieldReader{json});
  json.finish();
  return gpu;
}

std::string read_case_id(JsonObject& json, const Plan& plan) {
  std::string id = json.string("case");
  const bool planned = std::any_of(plan.cases.begin(), plan.cases.end(),
                                   [&](const Case& entry) { return entry.id == id; });
  if (!planned) json.fail("case", fmt::format("'{}' is not in the plan", printable(id)));
  return id;
}

Timing read_timing(JsonObject json, const Plan& plan) {
  Timing timing;
  timing.case_id = read_case_id(json, plan);
  timing.count = json.integer("count", 1, any_integer);
  timing.iq_mean_s = json.positive("iq_mean_s");
  if (json.has("placements_s")) timing.placements_s = json.numbers("placements_s");
  timing.median_s = json.positive("median_s");
  timing.q1_s = json.positive("q1_s");
  timing.q3_s = json.positive("q3_s");
  timing.min_s = json.positive("min_s");
  timing.max_s = json.positive("max_s");
  if (json.has("samples_s")) {
    timing.samples_s = json.numbers("samples_s");
    if (static_cast<std::int64_t>(timing.samples_s.size()) != timing.count)
      json.fail("samples_s", fmt::format("{} samples, but count says {}", timing.samples_s.size(),
                                         timing.count));
  }
  json.finish();
  return timing;
}

CaseCheck read_check(JsonObject json, const Plan& plan) {
  CaseCheck check;
  check.case_id = read_case_id(json, plan);
  check.error = json.optional_number("error");
  check.limit = json.positive("limit");
  check.elements = json.integer("elements", 0, any_integer);
  check.passed = json.boolean("passed");
  if (check.passed && !(check.error && *check.error <= check.limit))
    json.fail("passed", "is true, but the error is not within the limit");
  json.finish();
  return check;
}

CaseMetrics read_case_metrics(JsonObject json, const Plan& plan) {
  CaseMetrics metrics;
  metrics.case_id = read_case_id(json, plan);
  JsonObject values = json.object("values");
  for (const std::string& key : values.keys()) {
    const bool known = std::any_of(plan.metrics.begin(), plan.metrics.end(),
                                   [&](const Metric& metric) { return metric.id == key; });
    if (!known) values.fail(printable(key), "is not a metric of the plan");
    metrics.values[key] = values.number(key);
  }
  values.finish();
  metrics.stability = read_stabilities(json, metrics.values);
  if (json.has("doubtful")) metrics.doubtful = json.strings("doubtful");
  for (const std::string& id : metrics.doubtful)
    if (!metrics.values.contains(id))
      json.fail("doubtful", fmt::format("'{}' has no value", printable(id)));
  json.finish();
  return metrics;
}

ProcessRecord read_process(JsonObject json, const Plan& plan) {
  ProcessRecord process;
  process.kind = choose(process_kinds, json, "kind").kind;
  if (json.has("side")) process.side = choose(sides, json, "side").side;
  if (json.has("round")) process.round = json.small_integer("round", 1, 1000000);
  process.wall_s = json.number("wall_s");
  process.error = json.optional_string("error");
  if (json.has("conditions")) process.conditions = read_conditions(json.object("conditions"));
  if (json.has("sentinels")) {
    JsonObject sentinels = json.object("sentinels");
    process.sentinels =
        Sentinels{sentinels.positive("read_bytes_per_s"), sentinels.positive("fma_flops")};
    sentinels.finish();
  }
  if (json.has("phases_s")) {
    JsonObject phases = json.object("phases_s");
    for (const std::string& phase : phases.keys()) process.phases_s[phase] = phases.number(phase);
    phases.finish();
  }
  if (json.has("passes")) process.passes = json.small_integer("passes", 1, 10000);
  for (JsonObject& entry : json.objects("checks"))
    process.checks.push_back(read_check(entry, plan));
  for (JsonObject& entry : json.objects("kernels")) {
    CaseKernels kernels{read_case_id(entry, plan), {}};
    for (JsonObject& launch : entry.objects("launches"))
      kernels.launches.push_back(read_launch(launch));
    entry.finish();
    process.kernels.push_back(std::move(kernels));
  }
  for (JsonObject& entry : json.objects("timings"))
    process.timings.push_back(read_timing(entry, plan));
  for (JsonObject& entry : json.objects("metrics"))
    process.metrics.push_back(read_case_metrics(entry, plan));
  for (JsonObject& entry : json.objects("failures")) {
    process.failures.push_back({read_case_id(entry, plan), entry.string("why")});
    entry.finish();
  }
  for (JsonObject& entry : json.objects("absent")) {
    process.absent.push_back({entry.string("metric"), entry.string("why")});
    entry.finish();
  }
  for (JsonObject& entry : json.objects("timelines"))
    process.timelines.push_back(read_timeline(entry, plan));
  json.finish();
  return process;
}

}  // namespace

RunRecord read_record(std::string_view text, const std::string& source) {
  const Json document = parse_json(text, source);
  JsonObject json(document, source);
  json.require_schema(record_schema);
  if (const std::string kind = json.string("kind"); kind != "run")
    json.fail("kind", fmt::format("expected a run record, found '{}'", printable(kind)));
  RunRecord record;
  record.perfgate = json.string("perfgate");
  record.commit = json.string("commit");
  record.created = json.string("created");
  record.command = json.string("command");
  record.gpu_id = json.string("gpu_id");
  // It becomes the name of a file.
  if (!is_gpu_id(record.gpu_id)) json.fail("gpu_id", gpu_id_wanted);
  record.clocks = choose(clock_policies, json, "clocks").policy;
  if (json.has("clock_target")) {
    JsonObject target = json.object("clock_target");
    record.clock_target = {target.positive("tolerance"), target.optional_number("sm_hz"),
                           target.optional_number("memory_hz")};
    target.finish();
  }
  if (json.has("gpu")) record.gpu = read_gpu(json.object("gpu"));
  record.plan = read_plan(json.object("plan"));
  for (JsonObject& process : json.objects("processes"))
    record.processes.push_back(read_process(process, record.plan));
  json.finish();
  return record;
}

}  // namespace perfgate
