// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/step_trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/demangle.h"
#include "kernels/collect/launch_of.h"
#include "kernels/cuda/graph.h"
#include "kernels/cupti/trace_checks.h"
#include "kernels/decode/overlap_check.h"
#include "kernels/decode/step_check.h"

namespace perfgate {

namespace {

constexpr double ns = 1e-9;

// The last step of the warm-up has a wait, too: the first one loads the code of its kernel.
constexpr int first_wait = warm_up_steps - 1;

}  // namespace

void drop_waits(Trace& trace, std::size_t count) {
  const std::size_t dropped = std::erase_if(
      trace.kernels, [](const KernelRecord& kernel) { return kernel.name == wait_kernel; });
  if (dropped != count)
    throw DeviceError(
        fmt::format("CUPTI recorded {} random waits, {} were launched", dropped, count));
}

void require_kernel(const KernelRecord& kernel, const std::string& name, Stage stage) {
  if (kernel.name != name)
    throw DeviceError(fmt::format("stage {} ran {} where {} was expected", stage_id(stage),
                                  demangle(kernel.name), demangle(name)));
}

Trace replay_layers(DecodeStep& step, TraceOf what, int launches, Overlap overlap,
                    RandomWaits* waits) {
  const bool waiting = waits && !waits->none();
  Timeline timeline(what);
  std::vector<GraphExec> graphs;  // one per set of activations: addresses are part of a graph
  // Each is made when it is first needed, so the GPU meanwhile works on the graph before. That is
  // the warm-up; the timed steps start when all of them exist.
  static_assert(warm_up_steps >= activation_sets);
  step.overlap(overlap);
  for (int i = 0; i < launches; ++i) {
    step.use_activations(i);
    if (i < activation_sets)
      graphs.push_back(instantiate(capture(step.stream(), [&] { step.run_layers(0); })));
    if (waiting && i >= first_wait) waits->on_device(step.stream());
    step.reset();
    check(
        cudaGraphLaunch(graphs[static_cast<std::size_t>(i % activation_sets)].get(), step.stream()),
        "cudaGraphLaunch");
  }
  step.overlap(Overlap::off);
  Trace trace = timeline.stop();
  // A trace of whole graphs has no record of a kernel outside them.
  if (waiting && what != TraceOf::graphs)
    drop_waits(trace, static_cast<std::size_t>(std::max(launches - first_wait, 0)));
  return trace;
}

StepKernels kernels_of_step(DecodeStep& step) {
  StepKernels kernels;
  for (int layer = 0; layer < step.layers(); ++layer) {
    kernels.layers.push_back(kernels_of_layer(step, layer));
    for (const StageKernels& stage : kernels.layers.back()) kernels.count += stage.names.size();
  }
  return kernels;
}

StageTimes read_steps(const Trace& trace, const StepKernels& kernels, std::size_t skip,
                      const Modules& modules) {
  const std::vector<std::vector<StageKernels>>& layers = kernels.layers;
  StageTimes times;
  std::size_t at = 0;
  while (at < trace.kernels.size()) {
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      for (const StageKernels& stage : layers[layer]) {
        const KernelRecord* first = &trace.kernels[at];
        std::uint64_t end_ns = 0;
        for (const std::string& name : stage.names) {
          const KernelRecord& kernel = trace.kernels[at];
          require_kernel(kernel, name, stage.stage);
          end_ns = std::max(end_ns, kernel.end_ns);
          ++at;
        }
        if (at <= skip || (stage.stage == Stage::input_norm && layer == 0)) continue;
        times.samples_s[stage.stage].push_back(static_cast<double>(end_ns - first->start_ns) * ns);
        std::vector<KernelLaunch>& launches = times.launches[stage.stage];
        if (launches.empty())
          for (const KernelRecord* k = first; k < first + stage.names.size(); ++k)
            launches.push_back(launch_of(*k, modules));
      }
    }
  }
  return times;
}

StageTimes time_stages(DecodeStep& step, int samples, const Modules& modules, RandomWaits& waits) {
  const StepKernels kernels = kernels_of_step(step);
  // input_norm has one sample per step less than the others.
  const int steps = std::max(activation_sets, (samples + step.layers() - 2) / (step.layers() - 1));
  const Trace trace =
      replay_layers(step, TraceOf::kernels, warm_up_steps + steps, Overlap::off, &waits);
  require_whole(trace, kernels.count * static_cast<std::size_t>(warm_up_steps + steps), 0);
  return read_steps(trace, kernels, kernels.count * warm_up_steps, modules);
}

Samples time_layer(DecodeStep& step, int samples, RandomWaits& waits) {
  const int launches = warm_up_steps + std::max(activation_sets, samples / step.layers());
  const Trace trace = replay_layers(step, TraceOf::graphs, launches, Overlap::on, &waits);
  require_whole(trace, 0, static_cast<std::size_t>(launches));
  const OverlapCheck overlap = compare_with_plain(step, launches - 1, read_outputs(step),
                                                  error_limit(step.workload().dtype));
  if (!overlap.why.empty()) throw DeviceError(overlap.why);
  Samples samples_s;
  for (auto record = trace.graphs.begin() + warm_up_steps; record != trace.graphs.end(); ++record)
    samples_s.push_back(static_cast<double>(record->end_ns - record->start_ns) * ns /
                        step.layers());
  return samples_s;
}

}  // namespace perfgate
