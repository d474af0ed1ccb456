// SPDX-License-Identifier: Apache-2.0
// Places many buffers in one piece of device memory: as cudaMalloc would, but the same way each
// time, because an address is a part of a measurement (docs/results.md, "What placement does").
#pragma once

#include <cstddef>
#include <vector>

namespace perfgate {

/// The size of the pages that the GPU maps.
inline constexpr std::size_t gpu_page_bytes = std::size_t{2} << 20;

struct MemoryLayout {
  std::vector<std::size_t> offsets;  ///< of each buffer, in the order of the sizes
  std::size_t bytes = 0;             ///< of the whole piece, in whole pages
};

/// A buffer of 1 MiB or more begins on a page. Smaller ones share pages: they lie before the large
/// ones, begin at multiples of 512 bytes, and do not cross from one page into the next.
MemoryLayout lay_out(const std::vector<std::size_t>& sizes);

}  // namespace perfgate
