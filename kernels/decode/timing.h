// SPDX-License-Identifier: Apache-2.0
// A timing process: it runs the sentinels, then for each workload the check of every stage and the
// durations, by the GPU's own clock.
#pragma once

#include <array>
#include <cstddef>
#include "gate/decode/decode_source.h"
#include "gate/record/record.h"
#include "kernels/cuda/device_arena.h"
#include "kernels/cuda/phases.h"
#include "kernels/cupti/modules.h"
#include "kernels/decode/slowdown_plan.h"
#include "kernels/decode/step_check.h"

namespace perfgate {

/// A kernel's time moves by 1 to 2 % with the addresses of its weights and KV cache (H200,
/// docs/results.md). So a workload is built again behind paddings of different sizes, and its time
/// is the mean over them. The largest comes first, so that the arena need not grow afterwards.
inline constexpr std::array<std::size_t, 4> placement_pages{13, 5, 2, 0};

enum class Checks {
  run,   ///< each stage is compared with its CPU reference first; a wrong one is not timed
  skip,  ///< an earlier process of this build has done it
};

enum class Timelines {
  keep,       ///< traces one step as a graph and one launched one by one, after all timing
  leave_out,  ///< another process of the run has done it
};

struct TimingOptions {
  StretchPlan stretch{};  ///< a slowdown to plant, for `perfgate qualify`
  Checks checks = Checks::run;
  Timelines timelines = Timelines::leave_out;
};

/// Measures the plan on the current device. A workload that fails (too little memory, a kernel
/// error that leaves the device usable) becomes failures of its cases; an error that ends the
/// device's context throws DeviceError. `modules` must be older than the process's context, so that
/// it knows the code of every kernel. `phases` records the current phase.
ProcessRecord time_plan(const DecodePlan& plan, const GpuFingerprint& gpu, const Modules& modules,
                        Phases& phases, const TimingOptions& options = {});

/// Runs only the checks, for `perfgate-runner check`: those of the plan's stages and, where no
/// stage is wrong, of the layers with overlap (overlap_check.h). Layers that differ are a failure.
/// `layers` 0 means as many as the measurement would hold.
ProcessRecord check_plan(const DecodePlan& plan, const GpuFingerprint& gpu, int layers);

}  // namespace perfgate
