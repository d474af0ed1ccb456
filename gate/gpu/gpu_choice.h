// SPDX-License-Identifier: Apache-2.0
// Finds the GPU that is meant.
#pragma once

#include <string>
#include <vector>

#include "gate/config/config.h"
#include "gate/gpu/nvml.h"

namespace perfgate {

/// Returns the GPUs that this process may use, with `why_none` when there is none.
GpuList usable_gpus();

/// Returns the GPU that --gpu asks for. Throws NoVerdict naming what is there instead.
NvmlGpu choose_gpu(const Config& config, const std::vector<NvmlGpu>& gpus,
                   const std::string& wanted);

}  // namespace perfgate
