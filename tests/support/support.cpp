// SPDX-License-Identifier: Apache-2.0
#include "tests/support/support.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "gate/decode/decode_source.h"
#include "gate/decode/layer_cases.h"
#include "gate/os/files.h"

using namespace perfgate;

ModelShape llama_2_7b() {
  return {"llama-2-7b", 4096, 32, 32, 32, 128, 11008, 32000, 1e4, 1e-5};
}
ModelShape llama_3_8b() {
  return {"llama-3.1-8b", 4096, 32, 32, 8, 128, 14336, 128256, 5e5, 1e-5};
}
ModelShape llama_3_70b_tp8() {
  return {"llama-3.1-70b-tp8", 8192, 80, 8, 1, 128, 3584, 128256, 5e5, 1e-5};
}

Workload workload(const ModelShape& model, int batch, int context) {
  return {model, batch, context, DType::fp16};
}

Metric simple_metric(const std::string& id, Unit unit) {
  Metric metric;
  metric.id = id;
  metric.title = id;
  metric.unit = unit;
  metric.sets = {"s"};
  metric.operands = {{"c"}};
  metric.meaning = "what it is";
  metric.doubt = "when to doubt it";
  return metric;
}

GpuFingerprint h200() {
  GpuFingerprint gpu;
  gpu.name = "NVIDIA H200";
  gpu.chip = "GH100";
  gpu.uuid = "GPU-aaaa";
  gpu.compute_capability = "9.0";
  gpu.sm_count = 132;
  gpu.l2_bytes = 62914560;
  gpu.memory_bytes = 150109880320;
  gpu.cuda = "12.8";
  gpu.cublas = "12.8.4";
  gpu.driver = "570.86.15";
  return gpu;
}

std::string case_of(std::string_view stage) {
  return fmt::format("llama-2-7b/b1/s1024/fp16/{}", stage);
}

Plan small_plan(const std::vector<std::string>& stages) {
  Plan plan;
  const Workload measured = workload(llama_2_7b());
  plan.sources = {decode_source({GemmBackend::automatic, {measured}})};
  for (const Case& one : cases_of(measured))
    if (std::any_of(stages.begin(), stages.end(),
                    [&](const std::string& stage) { return one.id == case_of(stage); }))
      plan.cases.push_back(one);
  plan.metrics = {simple_metric("ipc", Unit::per_cycle),
                  simple_metric("hbm_throughput", Unit::ratio),
                  simple_metric("l2_hit_rate", Unit::ratio)};
  plan.samples = 200;
  plan.seed = 7;
  return plan;
}

CaseView view_case(const RunRecord& run, std::string_view case_id) {
  return CaseViews(run)[case_id];
}

Timing timing_of(const std::string& case_id, double seconds) {
  return {case_id, 200, seconds, seconds, seconds, seconds, seconds, seconds, {}, {}};
}

StepTimeline timeline_of(const Workload& workload, Launching launching) {
  StepTimeline timeline;
  timeline.group = workload_id(workload);
  timeline.whole = "layer";
  timeline.launching = launching;
  for (const StageInfo& info : stages) timeline.parts.emplace_back(info.id);
  int at_us = 0;  // whole numbers, divided once: the digits of the record stay short
  for (int layer = 0; layer < 2; ++layer)
    for (const StageInfo& info : stages) {
      const int us = 1 + static_cast<int>(info.stage);
      for (int i = 0; i < (info.stage == Stage::attention ? 2 : 1); ++i) {
        const KernelLaunch launch{
            fmt::format("{}_kernel_{}", info.id, i), {132, 1, 1}, {256, 1, 1}, 64, 1024};
        const auto known = std::find(timeline.launches.begin(), timeline.launches.end(), launch);
        KernelSpan span{static_cast<std::size_t>(info.stage),
                        layer,
                        static_cast<std::size_t>(known - timeline.launches.begin()),
                        at_us / 1e6,
                        (at_us + us) / 1e6,
                        std::nullopt,
                        std::nullopt,
                        std::nullopt};
        if (known == timeline.launches.end()) timeline.launches.push_back(launch);
        if (launching == Launching::calls) {
          span.call_start_s = (at_us - 10) / 1e6;
          span.call_end_s = (at_us - 7) / 1e6;
        }
        timeline.kernels.push_back(span);
        at_us += us + (launching == Launching::calls ? 1 : 0);
      }
    }
  return timeline;
}

namespace {

CaseKernels kernels_of(const std::string& case_id) {
  return {case_id, {{"kernel_of<" + case_id + ">", {132, 1, 1}, {256, 1, 1}, 64, 49152}}};
}

}  // namespace

Conditions quiet() {
  Conditions conditions;
  conditions.events = 0;
  conditions.others.emplace();
  return conditions;
}

std::vector<double> around(double us) {
  return {us, us * 1.001, us * 0.999, us * 1.0005, us * 0.9995};
}

RunRecord run_of(const Plan& plan, const Microseconds& us) {
  RunRecord run;
  run.perfgate = "0.1.0";
  run.commit = "0123456789abcdef0123456789abcdef01234567";
  run.created = "2025-01-02T03:04:05Z";
  run.command = "perfgate";
  run.gpu_id = "h200";
  run.gpu = h200();
  run.plan = plan;
  for (std::size_t process = 0; process < us.at(0).size(); ++process) {
    ProcessRecord record;
    record.wall_s = 1.5 + 0.001 * static_cast<double>(process);  // no two take the same time
    record.conditions = quiet();
    record.sentinels = Sentinels{4.0e12, 6.0e13};
    for (std::size_t i = 0; i < plan.cases.size(); ++i) {
      if (us.at(i).at(process) < 0) continue;
      record.timings.push_back(timing_of(plan.cases[i].id, us[i][process] * 1e-6));
      record.kernels.push_back(kernels_of(plan.cases[i].id));
      record.checks.push_back({plan.cases[i].id, 1e-4, 1e-3, 4096, true});
    }
    run.processes.push_back(std::move(record));
  }
  ProcessRecord counters;
  counters.kind = ProcessKind::counters;
  counters.wall_s = 2.5;
  counters.passes = 9;
  counters.conditions = quiet();
  for (const Case& one : plan.cases)
    counters.metrics.push_back(
        {one.id, {{"ipc", 0.25}, {"hbm_throughput", 0.875}, {"l2_hit_rate", 0.5}}});
  run.processes.push_back(std::move(counters));
  return run;
}

Baseline baseline_of(const Plan& plan, const Microseconds& us) {
  return make_baseline(run_of(plan, us));
}

JudgePolicy strict_policy() {
  JudgePolicy policy;
  policy.screen_alpha = 0.05;
  policy.thorough_screen_alpha = 0.2;
  policy.alpha = 0.001;
  policy.tolerances = {{"*", 0.02, "test"}};
  return policy;
}

std::string source_file(const std::string& path) {
  return read_file(std::filesystem::path(PERFGATE_SOURCE_DIR) / path);
}

RunRecord recorded(const std::string& name) {
  const std::string path = "tests/recordings/" + name + ".json";
  return read_record(source_file(path), path);
}

std::string golden_difference(const std::string& name, const std::string& text) {
  const auto file = std::filesystem::path(PERFGATE_SOURCE_DIR) / "tests" / "golden" / name;
  if (const char* update = std::getenv("UPDATE_GOLDEN"); update && *update == '1') {
    write_file(file, text);
    return "";
  }
  const std::string wanted = read_file(file);
  if (wanted == text) return "";
  const auto [at, other] = std::mismatch(wanted.begin(), wanted.end(), text.begin(), text.end());
  const auto offset = static_cast<std::size_t>(at - wanted.begin());
  return fmt::format("{} parts at byte {}:\n...{}\nbut now\n...{}", name, offset,
                     wanted.substr(offset, 200), text.substr(offset, 200));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos)
    throw std::logic_error(fmt::format("nothing to replace: '{}'", from));
  return text.replace(at, from.size(), to);
}
