// Where many buffers lie in one piece of device memory: as cudaMalloc would put them, but the same
// each time. An address is a part of a measurement (docs/results.md, "What placement does").
#pragma once

#include <cstddef>
#include <vector>

namespace perfgate {

/// What the GPU maps at once.
inline constexpr std::size_t gpu_page_bytes = std::size_t{2} << 20;

struct MemoryLayout {
  std::vector<std::size_t> offsets;  ///< of each buffer, in the order of the sizes
  std::size_t bytes = 0;             ///< of the whole piece: whole pages
};

/// A buffer of 1 MiB and more begins on a page, smaller ones share pages, in steps of 512 bytes and
/// none in two of them. The small ones lie before the large ones.
MemoryLayout lay_out(const std::vector<std::size_t>& sizes);

}  // namespace perfgate
