// SPDX-License-Identifier: Apache-2.0
// Lists the GPUs as the driver's management library sees them: a machine without a driver simply
// has none. It changes nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gate/record/gpu_fingerprint.h"

namespace perfgate {

struct NvmlGpu : DriverState {
  std::string name, uuid;
  std::optional<double> default_power_limit_w;
  std::optional<int> max_sm_mhz, max_memory_mhz;
  std::optional<int> virtualization;  ///< 0 none, 1 passed through, 2 a vGPU, 3 and 4 a vGPU's host
};

/// The GPUs of this machine, in NVML's order. `why_none` says why the list is empty.
struct GpuList {
  std::vector<NvmlGpu> gpus;
  std::string why_none;
};

GpuList list_gpus();

/// Returns the GPUs of `list` that CUDA_VISIBLE_DEVICES (`visible`, null when unset) lets a program
/// use, in the variable's order. The variable may name indices, UUIDs or beginnings of UUIDs.
std::vector<NvmlGpu> visible_gpus(const std::vector<NvmlGpu>& list, const char* visible);

}  // namespace perfgate
