// SPDX-License-Identifier: Apache-2.0
// Measures the durations of a step's stages and of its layers from CUPTI's records of a replayed
// CUDA graph.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "gate/record/record.h"
#include "gate/record/samples.h"
#include "kernels/cuda/random_waits.h"
#include "kernels/cupti/modules.h"
#include "kernels/cupti/timeline.h"
#include "kernels/decode/decode_step.h"
#include "kernels/decode/stage_kernels.h"

namespace perfgate {

/// The durations of the stages of a workload, by stage.
struct StageTimes {
  std::map<Stage, Samples> samples_s;
  std::map<Stage, std::vector<KernelLaunch>> launches;
};

/// Steps at the start of a trace that are discarded: they pay for lazy loading and for clocks that
/// are still rising.
inline constexpr int warm_up_steps = activation_sets;

/// Takes the waits out of a trace. Throws DeviceError unless there are `count`.
void drop_waits(Trace& trace, std::size_t count);

/// Throws DeviceError unless `kernel` is the one that `stage` was seen to launch here.
void require_kernel(const KernelRecord& kernel, const std::string& name, Stage stage);

/// Replays all resident layers `launches` times as one CUDA graph, traced as `what`, and returns
/// the trace. It is a graph, as in serving: launched one by one, the kernels of a small model wait
/// for the CPU, and the scatter between processes was up to 4 % instead of 0.7 % (H200,
/// docs/results.md).
/// `waits`, where there are any, come before each step after the warm-up and before its last one;
/// the trace is without them.
Trace replay_layers(DecodeStep& step, TraceOf what, int launches, Overlap overlap,
                    RandomWaits* waits = nullptr);

/// The kernels that each layer of a step launches, and their number in all.
struct StepKernels {
  std::vector<std::vector<StageKernels>> layers;
  std::size_t count = 0;
};
StepKernels kernels_of_step(DecodeStep& step);

/// Reads a trace of whole steps with the known kernels of each layer. A stage lasts from its first
/// kernel's start to its last one's end. Layer 0's input_norm is another operator (there is no
/// residual to add yet), so it gives no sample; the first `skip` kernels give none either. Throws
/// DeviceError when a kernel is not the known one.
StageTimes read_steps(const Trace& trace, const StepKernels& kernels, std::size_t skip,
                      const Modules& modules);

/// Returns at least `samples` durations of each stage in a replayed graph of all resident layers.
StageTimes time_stages(DecodeStep& step, int samples, const Modules& modules, RandomWaits& waits);

/// The span of all resident layers as one CUDA graph, divided by their number: what serving feels.
/// With overlap, as serving has it; a stage is timed without, because its span would begin with the
/// wait for the one before. A sample is the mean of many layers, so fewer samples do. Throws
/// DeviceError when the overlap changes what the layers compute (overlap_check.h).
Samples time_layer(DecodeStep& step, int samples, RandomWaits& waits);

}  // namespace perfgate
