// SPDX-License-Identifier: Apache-2.0
// A counters process: it takes the hardware counters of three layers of each workload, with the
// caches in their true state.
#pragma once

#include "gate/decode/decode_source.h"
#include "gate/record/record.h"
#include "kernels/cuda/phases.h"

namespace perfgate {

/// Counts the plan's metrics on the current device, and enters the chip's name into `gpu`. A
/// workload that fails becomes failures of its cases. Throws CountersUnavailable when this machine
/// refuses to count, DeviceError otherwise. `phases` records the current phase.
ProcessRecord count_plan(const DecodePlan& plan, GpuFingerprint& gpu, Phases& phases);

/// Runs, for each workload, `passes` times what one pass of the counters runs, without counting:
/// the layers before it, then the pass inside the NVTX range `counted`. It is for ncu, which then
/// meets the same cache.
void run_passes(const DecodePlan& plan, const GpuFingerprint& gpu, int passes);

}  // namespace perfgate
