#include "record.h"

#include <fmt/format.h>

#include <algorithm>

#include "conditions_json.h"
#include "error.h"
#include "json_object.h"
#include "stability_lists.h"
#include "words.h"

namespace perfgate {

namespace {

struct ProcessKindInfo {
  ProcessKind kind;
  std::string_view id;
};
constexpr std::array<ProcessKindInfo, 2> process_kinds{{
    {ProcessKind::timing, "timing"},
    {ProcessKind::counters, "counters"},
}};

// ---- writing ----

template <class T>
void put(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

template <class T, class Write>
void put_list(Json& json, const char* key, const std::vector<T>& values, Write write) {
  if (values.empty()) return;
  Json list = Json::array();
  for (const T& value : values) list.push_back(write(value));
  json[key] = std::move(list);
}

Json write_gpu(const GpuFingerprint& gpu) {
  Json json{{"name", gpu.name},
            {"uuid", gpu.uuid},
            {"compute_capability", gpu.compute_capability},
            {"sm_count", gpu.sm_count},
            {"l2_bytes", gpu.l2_bytes},
            {"memory_bytes", gpu.memory_bytes},
            {"cuda", gpu.cuda},
            {"cublas", gpu.cublas}};
  put(json, "chip", gpu.chip);
  put(json, "driver", gpu.driver);
  put(json, "vbios", gpu.vbios);
  put(json, "power_limit_w", gpu.power_limit_w);
  put(json, "ecc", gpu.ecc);
  put(json, "mig", gpu.mig);
  put(json, "persistence", gpu.persistence);
  put(json, "pcie_generation", gpu.pcie_generation);
  put(json, "pcie_width", gpu.pcie_width);
  return json;
}

Json write_workload(const Workload& workload) {
  const ModelShape& model = workload.model;
  return {{"model", model.name},
          {"hidden", model.hidden},
          {"layers", model.layers},
          {"query_heads", model.query_heads},
          {"kv_heads", model.kv_heads},
          {"head_dim", model.head_dim},
          {"intermediate", model.intermediate},
          {"vocab", model.vocab},
          {"rope_theta", model.rope_theta},
          {"rms_eps", model.rms_eps},
          {"batch", workload.batch},
          {"context", workload.context},
          {"dtype", dtype_id(workload.dtype)}};
}

Json write_metric(const Metric& metric) {
  return {{"id", metric.id},
          {"title", metric.title},
          {"unit", unit_info(metric.unit).id},
          {"sets", metric.sets},
          {"combine", combines[static_cast<std::size_t>(metric.combine)].id},
          {"counters", metric.operands},
          {"across_kernels", acrosses[static_cast<std::size_t>(metric.across)].id},
          {"scale", metric.scale},
          {"worse", worses[static_cast<std::size_t>(metric.worse)].id},
          {"meaning", metric.meaning},
          {"doubt", metric.doubt}};
}

Json write_plan(const Plan& plan) {
  Json json{{"samples", plan.samples}, {"seed", plan.seed}};
  put_list(json, "workloads", plan.workloads, write_workload);
  json["cases"] = case_ids(plan);
  put_list(json, "metrics", plan.metrics, write_metric);
  return json;
}

Json write_launch(const KernelLaunch& launch) {
  return {{"name", launch.name},
          {"grid", launch.grid},
          {"block", launch.block},
          {"registers", launch.registers},
          {"shared_bytes", launch.shared_bytes}};
}

Json write_process(const ProcessRecord& process, RawSamples raw) {
  Json json{{"kind", process_kind_id(process.kind)}, {"wall_s", process.wall_s}};
  put(json, "error", process.error);
  if (process.conditions) json["conditions"] = write_conditions(*process.conditions);
  if (process.sentinels)
    json["sentinels"] = {{"read_bytes_per_s", process.sentinels->read_bytes_per_s},
                         {"fma_flops", process.sentinels->fma_flops}};
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
  return json;
}

// ---- reading ----

constexpr std::int64_t any_integer = INT64_MAX;

template <class Table>
const auto& choose(const Table& known, JsonObject& json, const std::string& key) {
  const std::string id = json.string(key);
  const auto* entry = find_by_id(known, id);
  if (!entry)
    json.fail(key, fmt::format("unknown '{}'{}; known: {}", printable(id),
                               did_you_mean(id, ids_of(known)), join(ids_of(known))));
  return *entry;
}

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

KernelLaunch read_launch(JsonObject json) {
  KernelLaunch launch;
  launch.name = json.string("name");
  for (const auto& [key, target] :
       {std::pair{"grid", &launch.grid}, std::pair{"block", &launch.block}}) {
    const std::vector<double> numbers = json.numbers(key);
    if (numbers.size() != 3) json.fail(key, "expected three numbers");
    for (std::size_t i = 0; i < 3; ++i) {
      if (!(numbers[i] >= 1 && numbers[i] <= 2147483647)) json.fail(key, "is out of range");
      (*target)[i] = static_cast<int>(numbers[i]);
    }
  }
  launch.registers = json.small_integer("registers", 0, 1024);
  launch.shared_bytes = json.integer("shared_bytes", 0, any_integer);
  json.finish();
  return launch;
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
  process.wall_s = json.number("wall_s");
  process.error = json.optional_string("error");
  if (json.has("conditions")) process.conditions = read_conditions(json.object("conditions"));
  if (json.has("sentinels")) {
    JsonObject sentinels = json.object("sentinels");
    process.sentinels =
        Sentinels{sentinels.positive("read_bytes_per_s"), sentinels.positive("fma_flops")};
    sentinels.finish();
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
  json.finish();
  return process;
}

}  // namespace

std::string_view process_kind_id(ProcessKind kind) {
  return process_kinds[static_cast<std::size_t>(kind)].id;
}

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
  if (record.gpu) json["gpu"] = write_gpu(*record.gpu);
  json["plan"] = write_plan(record.plan);
  put_list(json, "processes", record.processes,
           [&](const ProcessRecord& process) { return write_process(process, raw); });
  return json_text(json);
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

/// Drops what an earlier process of the run already says. The same kernels and the same errors come
/// out of every process, and a record is to be read by people.
template <class T>
void drop_known(const RunRecord& run, std::vector<T>& entries,
                std::vector<T> ProcessRecord::*list) {
  std::erase_if(entries, [&](const T& entry) {
    return std::any_of(run.processes.begin(), run.processes.end(),
                       [&](const ProcessRecord& earlier) {
                         const std::vector<T>& known = earlier.*list;
                         return std::find(known.begin(), known.end(), entry) != known.end();
                       });
  });
}

}  // namespace

void append_processes(RunRecord& run, RunRecord part) {
  if (!(part.plan == run.plan))
    throw NoVerdict("the runner answered another plan than it was asked; is it of this build?");
  if (part.gpu && run.gpu && part.gpu->uuid != run.gpu->uuid)
    throw NoVerdict(fmt::format("the GPU changed between processes: {} ({}), then {} ({})",
                                run.gpu->name, run.gpu->uuid, part.gpu->name, part.gpu->uuid));
  if (!run.gpu) run.gpu = part.gpu;
  if (part.gpu && part.gpu->chip) run.gpu->chip = part.gpu->chip;
  for (ProcessRecord& process : part.processes) {
    drop_known(run, process.kernels, &ProcessRecord::kernels);
    drop_known(run, process.checks, &ProcessRecord::checks);
    run.processes.push_back(std::move(process));
  }
}

}  // namespace perfgate
