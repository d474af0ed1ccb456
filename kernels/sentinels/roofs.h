// SPDX-License-Identifier: Apache-2.0
// What the GPU reaches on the two sentinels: the roofs that this machine has now.
#pragma once

#include <cuda_runtime.h>

#include "gate/record/record.h"
#include "kernels/cuda/device_arena.h"
#include "kernels/cuda/phases.h"

namespace perfgate {

/// Reading and arithmetic at their best; this also brings the clocks up before anything is timed.
Sentinels measure_roofs(const GpuFingerprint& gpu, DeviceArena& arena, cudaStream_t stream);

/// A process of nothing else but the memory's beat, beside a program that is not perfgate's own.
ProcessRecord sentinels_alone(const GpuFingerprint& gpu, Phases& phases);

}  // namespace perfgate
