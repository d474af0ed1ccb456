// SPDX-License-Identifier: Apache-2.0
// The GPU products that perfgate knows by name: configs/gpus/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

/// A GPU product that perfgate knows by name, with datasheet numbers (never measured ones).
struct GpuModel {
  std::string id;                  ///< "h100": --gpu and baselines/<id>.toml
  std::vector<std::string> names;  ///< exactly as the driver reports them
  std::string chip;                ///< CUPTI's name
  double dram_bytes_per_s = 0;
  double fp16_flops = 0;  ///< dense tensor-core peak
  double fp32_flops = 0;
  double boost_hz = 0;
  /// For the policies lock and verify, as NVML takes them.
  std::optional<int> lock_sm_mhz, lock_mem_mhz;
};

/// Reads a file of configs/gpus/; throws UsageError "file:line: key: text".
GpuModel parse_gpu(std::string_view text, const std::string& source);

/// Returns the id of the GPU that the driver calls `name`: from configs/gpus, else a slug of the
/// name, so that an unknown GPU still has its own baseline file.
std::string gpu_id(const std::vector<GpuModel>& gpus, std::string_view name);
const GpuModel* find_gpu(const std::vector<GpuModel>& gpus, std::string_view id);

}  // namespace perfgate
