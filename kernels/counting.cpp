#include "kernels/counting.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernels/counter_set.h"
#include "kernels/cuda_check.h"
#include "kernels/probe/counters.h"
#include "kernels/probe/profiler_session.h"
#include "kernels/stage_kernels.h"
#include "kernels/workload_cases.h"

namespace perfgate {

namespace {

using Values = std::vector<std::vector<double>>;  ///< [kernel][counter]

constexpr std::size_t most_kernels = 64;  // of a layer

// The profiler leaves the L2 full of dirty lines of its own when a pass starts, and whoever comes
// first pays for writing them back: 27 MB of DRAM writes and 7 us more were seen in a GEMM (H200).
// So a pass begins with the end of the layer before, whose weights sweep the L2 and which leaves
// the activations as a decode does. What it counts there is thrown away.
constexpr std::array lead_in{Stage::gate_up_proj, Stage::silu_mul, Stage::down_proj};

std::size_t kernel_count(const std::vector<StageKernels>& stages_of_layer) {
  std::size_t count = 0;
  for (const StageKernels& stage : stages_of_layer) count += stage.names.size();
  return count;
}

/// The counter values of the last resident layer's kernels.
Values count_layer(DecodeStep& step, const std::vector<StageKernels>& layer, Counters& counters) {
  const int counted = step.layers() - 1, before = counted - 1;
  Values values = counters.collect(
      [&] {
        step.reset();
        for (int i = 0; i < counted; ++i) step.run_layer(0, i);
      },
      [&] {
        for (const Stage stage : lead_in) step.run_stage(before, stage);
        step.run_layer(0, counted);
      });
  std::size_t lead = 0;
  for (const StageKernels& stage : layer)
    if (std::find(lead_in.begin(), lead_in.end(), stage.stage) != lead_in.end())
      lead += stage.names.size();
  if (const std::size_t launched = lead + kernel_count(layer); values.size() != launched)
    throw DeviceError(
        fmt::format("the profiler saw {} kernels, {} were launched", values.size(), launched));
  values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(lead));
  return values;
}

void count_workload(const Plan& plan, std::size_t index, const GpuFingerprint& gpu,
                    cudaStream_t stream, const CounterSet& set, Counters& counters,
                    ProcessRecord& record) {
  DecodeStep step = make_step(plan.workloads[index], plan, gpu, stream);
  step.run(0);  // lazy loading is no part of a pass
  const std::vector<StageKernels> layer = kernels_of_layer(step, step.layers() - 1);
  const Values values = count_layer(step, layer, counters);
  for (const Case& one : workload_cases(plan, index)) {
    Values chosen;
    auto at = values.begin();
    for (const StageKernels& stage : layer) {
      const auto end = at + static_cast<std::ptrdiff_t>(stage.names.size());
      if (!one.stage || *one.stage == stage.stage) chosen.insert(chosen.end(), at, end);
      at = end;
    }
    record.metrics.push_back({one.id, evaluate(set, chosen)});
  }
}

}  // namespace

ProcessRecord count_plan(const Plan& plan, GpuFingerprint& gpu) {
  const Stream stream;
  const ProfilerSession& session = profiler_session();
  gpu.chip = session.chip;
  const CounterSet set =
      resolve(plan.metrics, MetricHost(session.chip, session.availability), session.chip);
  Counters counters(set.counters, most_kernels);
  ProcessRecord record;
  record.kind = ProcessKind::counters;
  record.passes = counters.passes();
  record.absent = set.absent;
  for (std::size_t i = 0; i < plan.workloads.size(); ++i) {
    try {
      count_workload(plan, i, gpu, stream.get(), set, counters, record);
    } catch (const std::exception& error) {
      if (cudaDeviceSynchronize() != cudaSuccess) throw;
      fail_cases(record, workload_cases(plan, i), error.what());
    }
  }
  return record;
}

}  // namespace perfgate
