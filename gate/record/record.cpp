#include "gate/record/record.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/record/conditions_json.h"
#include "gate/record/stability_json.h"
#include "gate/record/timeline_json.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/json_object.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::int64_t any_integer = INT64_MAX;

GpuFingerprint read_gpu(JsonObject json) {
  GpuFingerprint gpu;
  gpu.name = json.string("name");
  gpu.uuid = json.string("uuid");
  gpu.compute_capability = json.string("compute_capability");
  gpu.sm_count = json.small_integer("sm_count", 1, 100000);
  gpu.l2_bytes = json.integer("l2_bytes", 0, any_integer);
  gpu.memory_bytes = json.integer("memory_bytes", 1, any_integer);
  gpu.cuda = json.string("cuda");
  gpu.cublas = json.string("cublas");
  gpu.chip = json.optional_string("chip");
  gpu.driver = json.optional_string("driver");
  gpu.vbios = json.optional_string("vbios");
  gpu.power_limit_w = json.optional_number("power_limit_w");
  gpu.ecc = json.optional_boolean("ecc");
  gpu.mig = json.optional_boolean("mig");
  gpu.persistence = json.optional_boolean("persistence");
  if (json.has("pcie_generation"))
    gpu.pcie_generation = json.small_integer("pcie_generation", 1, 99);
  if (json.has("pcie_width")) gpu.pcie_width = json.small_integer("pcie_width", 1, 99);
  json.finish();
  return gpu;
}

Workload read_workload(JsonObject json) {
  Workload workload;
  ModelShape& model = workload.model;
  model.name = json.string("model");
  model.hidden = json.small_integer("hidden", 8, 1 << 20);
  model.layers = json.small_integer("layers", 1, 10000);
  model.query_heads = json.small_integer("query_heads", 1, 1024);
  model.kv_heads = json.small_integer("kv_heads", 1, 1024);
  model.head_dim = json.small_integer("head_dim", 128, 128);
  model.intermediate = json.small_integer("intermediate", 8, 1 << 20);
  model.vocab = json.small_integer("vocab", 1, 1 << 24);
  model.rope_theta = json.positive("rope_theta");
  model.rms_eps = json.positive("rms_eps");
  model.qkv_bias = json.optional_boolean("qkv_bias").value_or(false);
  model.qk_norm = json.optional_boolean("qk_norm").value_or(false);
  workload.batch = json.small_integer("batch", 1, 64);
  workload.context = json.small_integer("context", 1, 1 << 20);
  const auto dtype = parse_dtype(json.string("dtype"));
  if (!dtype) json.fail("dtype", "expected fp16 or bf16");
  workload.dtype = *dtype;
  json.finish();
  return workload;
}

Metric read_metric(JsonObject json) {
  Metric metric;
  metric.id = json.string("id");
  if (!is_metric_id(metric.id)) json.fail("id", "is made of other than a to z, 0 to 9 and _");
  metric.title = json.string("title");
  metric.unit = choose(units, json, "unit").unit;
  metric.sets = json.strings("sets");
  metric.combine = choose(combines, json, "combine").combine;
  metric.operands = json.lists_of_strings("counters");
  metric.across = choose(acrosses, json, "across_kernels").across;
  metric.scale = json.number("scale");
  metric.worse = choose(worses, json, "worse").worse;
  metric.meaning = json.string("meaning");
  metric.doubt = json.string("doubt");
  json.finish();
  return metric;
}

Plan read_plan(JsonObject json) {
  Plan plan;
  plan.samples = json.small_integer("samples", 1, 1 << 24);
  plan.seed = static_cast<std::uint64_t>(json.integer("seed", 0, any_integer));
  if (json.has("backend")) plan.backend = choose(gemm_backends, json, "backend").backend;
  std::map<std::string, Case> known;
  for (JsonObject& workload : json.objects("workloads")) {
    plan.workloads.push_back(read_workload(workload));
    for (Case& one : cases_of(plan.workloads.back(), plan.workloads.size() - 1))
      known.emplace(one.id, std::move(one));
  }
  for (const std::string& id : json.strings("cases")) {
    const auto found = known.find(id);
    if (found == known.end())
      json.fail("cases", fmt::format("'{}' belongs to no workload of the plan, or stands twice",
                                     printable(id)));
    plan.cases.push_back(found->second);
    known.erase(found);
  }
  if (plan.cases.empty()) json.fail("cases", "is empty: nothing was planned");
  for (JsonObject& metric : json.objects("metrics")) plan.metrics.push_back(read_metric(metric));
  json.finish();
  return plan;
}

std::string read_case_id(JsonObject& json, const Plan& plan) {
  std::string id = json.string("case");
  const bool planned = std::any_of(plan.cases.begin(), plan.cases.end(),
                                   [&](const Case& one) { return one.id == id; });
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
  for (JsonObject& one : json.objects("checks")) process.checks.push_back(read_check(one, plan));
  for (JsonObject& one : json.objects("kernels")) {
    CaseKernels kernels{read_case_id(one, plan), {}};
    for (JsonObject& launch : one.objects("launches"))
      kernels.launches.push_back(read_launch(launch));
    one.finish();
    process.kernels.push_back(std::move(kernels));
  }
  for (JsonObject& one : json.objects("timings")) process.timings.push_back(read_timing(one, plan));
  for (JsonObject& one : json.objects("metrics"))
    process.metrics.push_back(read_case_metrics(one, plan));
  for (JsonObject& one : json.objects("failures")) {
    process.failures.push_back({read_case_id(one, plan), one.string("why")});
    one.finish();
  }
  for (JsonObject& one : json.objects("absent")) {
    process.absent.push_back({one.string("metric"), one.string("why")});
    one.finish();
  }
  for (JsonObject& one : json.objects("timelines"))
    process.timelines.push_back(read_timeline(one, plan));
  json.finish();
  return process;
}

}  // namespace

bool same_launch(const KernelLaunch& a, const KernelLaunch& b) {
  KernelLaunch with_code_of_b = a;
  if (a.code.empty() || b.code.empty()) with_code_of_b.code = b.code;
  return with_code_of_b == b;
}

bool is_code_hash(std::string_view text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

const LaunchingInfo& launching_info(Launching launching) {
  return launchings[static_cast<std::size_t>(launching)];
}

std::string_view process_kind_id(ProcessKind kind) {
  return process_kinds[static_cast<std::size_t>(kind)].id;
}

std::string_view side_id(Side side) {
  return sides[static_cast<std::size_t>(side)].id;
}

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
  if (record.gpu_id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
    json.fail("gpu_id", "is made of other than a to z, 0 to 9 and -");
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

namespace {

/// Drops what an earlier process of the same build already says. The same kernels and the same
/// errors come out of every process, and a record is to be read by people.
template <class T>
void drop_known(const RunRecord& run, ProcessRecord& process, std::vector<T> ProcessRecord::*list) {
  std::erase_if(process.*list, [&](const T& entry) {
    return std::any_of(run.processes.begin(), run.processes.end(),
                       [&](const ProcessRecord& earlier) {
                         const std::vector<T>& known = earlier.*list;
                         return earlier.side == process.side &&
                                std::find(known.begin(), known.end(), entry) != known.end();
                       });
  });
}

}  // namespace

void append_processes(RunRecord& run, RunRecord part, const Plan& asked) {
  if (!(part.plan == asked))
    throw NoVerdict("the runner answered another plan than it was asked; is it of this build?");
  if (part.gpu && run.gpu && part.gpu->uuid != run.gpu->uuid)
    throw NoVerdict(fmt::format("the GPU changed between processes: {} ({}), then {} ({})",
                                run.gpu->name, run.gpu->uuid, part.gpu->name, part.gpu->uuid));
  if (!run.gpu) run.gpu = part.gpu;
  if (part.gpu && part.gpu->chip) run.gpu->chip = part.gpu->chip;
  for (ProcessRecord& process : part.processes) {
    drop_known(run, process, &ProcessRecord::kernels);
    drop_known(run, process, &ProcessRecord::checks);
    run.processes.push_back(std::move(process));
  }
}

}  // namespace perfgate
