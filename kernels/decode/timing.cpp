// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "gate/decode/layer_cases.h"
#include "gate/record/samples.h"
#include "gate/util/error.h"
#include "kernels/cuda/stream.h"
#include "kernels/decode/overlap_check.h"
#include "kernels/decode/step_timeline.h"
#include "kernels/decode/step_trace.h"
#include "kernels/decode/workload_cases.h"
#include "kernels/sentinels/roofs.h"

namespace perfgate {

namespace {

CaseCheck case_check(const std::string& case_id, const Outcome& found, double limit) {
  CaseCheck out{case_id, std::nullopt, limit, found.elements, found.error <= limit};
  if (found.error == found.error) out.error = found.error;  // a NaN is absent, never a number
  return out;
}

/// Adds the checks of a workload's planned stages; `wrong` names the stages that failed.
void check_workload(DecodeStep& step, const DecodePlan& plan, const std::vector<StageCase>& cases,
                    ProcessRecord& record, std::vector<Stage>& wrong) {
  for (const StageError& error : check_step(step, plan.seed)) {
    if (!error.passed) wrong.push_back(error.stage);
    for (const StageCase& one : cases)
      if (one.stage == error.stage)
        record.checks.push_back(
            case_check(one.id, {error.error, error.elements}, error_limit(step.workload().dtype)));
  }
}

/// Times everything at one placement, and adds it to the samples of each case.
void time_placement(DecodeStep& step, const std::vector<StageCase>& cases, int samples,
                    const Modules& modules, Phases& phases, RandomWaits& waits,
                    std::map<std::string, std::vector<Samples>>& by_case,
                    std::map<Stage, std::vector<KernelLaunch>>& launches) {
  phases.enter("stages");
  StageTimes times = time_stages(step, samples, modules, waits);
  phases.enter("layer");
  for (const StageCase& one : cases)
    by_case[one.id].push_back(one.stage ? std::move(times.samples_s.at(*one.stage))
                                        : time_layer(step, samples, waits));
  launches = std::move(times.launches);
}

void time_workload(const DecodePlan& plan, const PlannedWorkload& planned,
                   const GpuFingerprint& gpu, const Modules& modules, const TimingOptions& options,
                   cudaStream_t stream, DeviceArena& arena, Phases& phases, RandomWaits& waits,
                   ProcessRecord& record) {
  const std::vector<StageCase>& cases = planned.cases;
  constexpr int places = static_cast<int>(placement_pages.size());
  const int samples = (plan.samples + places - 1) / places;
  std::vector<Stage> wrong;
  std::map<std::string, std::vector<Samples>> by_case;
  std::map<Stage, std::vector<KernelLaunch>> launches;
  for (const std::size_t pages : placement_pages) {
    phases.enter("memory");
    DecodeStep step =
        make_step(planned.workload, plan, gpu, stream, {&arena, pages * gpu_page_bytes});
    if (!options.stretch.stages.empty()) step.stretch(options.stretch);
    if (by_case.empty() && options.checks == Checks::run) {
      phases.enter("checks");
      check_workload(step, plan, cases, record, wrong);
    }
    time_placement(step, cases, samples, modules, phases, waits, by_case, launches);
    // This follows everything that is timed, while the last step still exists.
    if (options.timelines == Timelines::keep && pages == placement_pages.back() && wrong.empty()) {
      phases.enter("timelines");
      record.timelines = step_timelines(step, modules);
    }
    phases.enter("memory");
  }
  for (const StageCase& one : cases) {
    if (!one.stage && !wrong.empty()) {
      record.failures.push_back(
          {one.id, fmt::format("stage {} of the layer is wrong", stage_id(wrong.front()))});
      continue;
    }
    if (one.stage && std::find(wrong.begin(), wrong.end(), *one.stage) != wrong.end()) continue;
    record.timings.push_back(timing_of(one.id, by_case.at(one.id)));
    if (one.stage) record.kernels.push_back({one.id, std::move(launches.at(*one.stage))});
  }
}

}  // namespace

ProcessRecord time_plan(const DecodePlan& plan, const GpuFingerprint& gpu, const Modules& modules,
                        Phases& phases, const TimingOptions& options) {
  const Stream stream;
  DeviceArena arena;
  ProcessRecord record;
  record.kind = ProcessKind::timing;
  const Dither dither{fresh_seed(), plan.dither_s};
  if (dither.longest_s > 0) record.dither = dither;
  RandomWaits waits(dither);
  phases.enter("sentinels");
  record.sentinels = measure_roofs(gpu, arena, stream.get());
  for (const PlannedWorkload& planned : plan.workloads) {
    ProcessRecord part;
    try {
      time_workload(plan, planned, gpu, modules, options, stream.get(), arena, phases, waits, part);
    } catch (const UsageError&) {
      throw;  // the request is impossible; no case is at fault
    } catch (const std::exception& error) {
      // After a sticky error the context is lost and later results would not be true.
      if (cudaDeviceSynchronize() != cudaSuccess) throw;
      part = {};
      fail_cases(part, planned.cases, error.what());
    }
    for (auto& check : part.checks) record.checks.push_back(std::move(check));
    for (auto& kernels : part.kernels) record.kernels.push_back(std::move(kernels));
    for (auto& timing : part.timings) record.timings.push_back(std::move(timing));
    for (auto& failure : part.failures) record.failures.push_back(std::move(failure));
    for (auto& timeline : part.timelines) record.timelines.push_back(std::move(timeline));
  }
  return record;
}

ProcessRecord check_plan(const DecodePlan& plan, const GpuFingerprint& gpu, int layers) {
  const Stream stream;
  ProcessRecord record;
  for (const auto& [workload, cases] : plan.workloads) {
    DecodeStep step(workload, layers > 0 ? layers : resident_layers(workload, gpu.l2_bytes),
                    plan.seed, stream.get(), plan.gemms);
    std::vector<Stage> wrong;
    check_workload(step, plan, cases, record, wrong);
    if (!wrong.empty()) continue;
    const std::string layer = case_id(workload_id(workload), layer_case);
    const OverlapCheck overlap = check_overlap(step, 0);
    if (overlap.why.empty())
      record.checks.push_back(case_check(layer, overlap.found, overlap.limit));
    else
      record.failures.push_back({layer, overlap.why});
  }
  return record;
}

}  // namespace perfgate
