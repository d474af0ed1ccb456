// SPDX-License-Identifier: Apache-2.0
// Problem: check_step needs a few hundred weight rows, or the keys of one head out of thousands of
// cache blocks; one cudaMemcpy for each of them would take longer than the reference.
// Design: each thread copies one 16-byte piece. The kernel is never timed, so it is as plain as
// possible.
// Limited by: the copy to the host that follows.
#include "kernels/cuda/gather.h"

#include "kernels/cuda/launch.h"

namespace perfgate {

__global__ void __launch_bounds__(256)
    gather_rows_kernel(const uint4* from, std::int64_t row_packs, const std::int64_t* rows,
                       std::int64_t packs, uint4* to) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < packs) to[i] = from[rows[i / row_packs] * row_packs + i % row_packs];
}

void gather_rows(const void* from, std::int64_t row_bytes, const std::int64_t* rows,
                 std::int64_t count, void* to, cudaStream_t stream) {
  const std::int64_t row_packs = row_bytes / static_cast<std::int64_t>(sizeof(uint4));
  const std::int64_t packs = count * row_packs;
  constexpr unsigned block = 256;
  const auto grid = static_cast<unsigned>(ceil_div<std::int64_t>(packs, block));
  launch("gather_rows", gather_rows_kernel, grid, block, stream, static_cast<const uint4*>(from),
         row_packs, rows, packs, static_cast<uint4*>(to));
}

}  // namespace perfgate
