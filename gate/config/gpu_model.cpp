// SPDX-License-Identifier: Apache-2.0
#include "gate/config/gpu_model.h"

#include <algorithm>
#include <cctype>

#include "gate/config/bounded.h"

namespace perfgate {

GpuModel parse_gpu(std::string_view text, const std::string& source) {
  TomlTable table = TomlTable::parse(text, source);
  table.require_schema(1);
  GpuModel gpu;
  gpu.id = table.string("id");
  gpu.names = table.strings("names");
  gpu.chip = table.string("chip");
  gpu.dram_bytes_per_s = number_in(table, "dram_gb_per_s", 1, 1e6) * 1e9;
  gpu.fp16_flops = number_in(table, "fp16_tflops", 0.1, 1e6) * 1e12;
  gpu.fp32_flops = number_in(table, "fp32_tflops", 0.1, 1e6) * 1e12;
  gpu.boost_hz = number_in(table, "boost_mhz", 100, 1e5) * 1e6;
  if (table.has("lock_sm_mhz")) gpu.lock_sm_mhz = small_integer(table, "lock_sm_mhz", 100, 100000);
  if (table.has("lock_mem_mhz"))
    gpu.lock_mem_mhz = small_integer(table, "lock_mem_mhz", 100, 100000);
  table.finish();
  return gpu;
}

std::string gpu_id(const std::vector<GpuModel>& gpus, std::string_view name) {
  for (const GpuModel& gpu : gpus)
    if (std::find(gpu.names.begin(), gpu.names.end(), name) != gpu.names.end()) return gpu.id;
  std::string slug;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte))
      slug += static_cast<char>(std::tolower(byte));
    else if (!slug.empty() && slug.back() != '-')
      slug += '-';
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "unknown" : slug;
}

const GpuModel* find_gpu(const std::vector<GpuModel>& gpus, std::string_view id) {
  const auto found =
      std::find_if(gpus.begin(), gpus.end(), [&](const GpuModel& gpu) { return gpu.id == id; });
  return found == gpus.end() ? nullptr : &*found;
}

}  // namespace perfgate
