// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/memory_layout.h"

namespace perfgate {

namespace {

constexpr std::size_t large_bytes = std::size_t{1} << 20;
constexpr std::size_t small_step_bytes = 512;

constexpr std::size_t rounded_up(std::size_t value, std::size_t step) {
  return (value + step - 1) / step * step;
}

}  // namespace

MemoryLayout lay_out(const std::vector<std::size_t>& sizes) {
  MemoryLayout layout{std::vector<std::size_t>(sizes.size()), 0};
  std::size_t& end = layout.bytes;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] >= large_bytes) continue;
    end = rounded_up(end, small_step_bytes);
    if (end % gpu_page_bytes + sizes[i] > gpu_page_bytes) end = rounded_up(end, gpu_page_bytes);
    layout.offsets[i] = end;
    end += sizes[i];
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < large_bytes) continue;
    layout.offsets[i] = rounded_up(end, gpu_page_bytes);
    end = layout.offsets[i] + sizes[i];
  }
  end = rounded_up(end, gpu_page_bytes);
  return layout;
}

}  // namespace perfgate
