// SPDX-License-Identifier: Apache-2.0
// Problem: at decode batches a projection is one pass over its weights (33 to 235 MB). HBM's
// bandwidth is the floor; a kernel adds a beginning, an end and gaps in between. cuBLAS adds 3 to 6
// us, the most where it splits k over blocks and has to add the parts in the end.
// Design: a block takes 16 or 32 rows of weight over all of k; its 16 warps take turns at pieces of
// k and add up in shared memory. So there is no second kernel, no atomics and no scratch memory.
// Weights go from memory to registers to the tensor cores (as K in attention.cu: a permutation of k
// that both factors share lets every lane use the 16 bytes that it loaded). Tensor cores are used
// at batch 1 too, where 7 of 8 columns are zeros: they would idle anyway, and they spare the
// conversions to fp32. A register is loaded again as soon as it has been used, so a warp keeps 4 KB
// in flight and an SM, which holds one block, 64 KB, where Little's law asks for 30 (H100: 3.2
// TB/s, 1.2 us, 132 SMs).
// Overlap: the first weights are requested before the wait for the previous kernel; the next kernel
// may start when the last block has read its weights.
// Tried and rejected, mostly with a stand-alone version (H100 80GB HBM3, 2026-11-25, 20 launches in
// a graph, batch 1 unless noted; shapes of llama-2-7b, llama-3.1-8b and K = 18944):
//   two blocks per SM, with 64 registers per thread: 1 to 14 % slower
//   8 warps per block, 3 blocks per SM: up to 3 % slower on the large shapes
//   each warp a stretch of k of its own instead of turns: from 1 % faster to 5 % slower (K = 18944)
//   loads without the hint for 128 bytes: 2 to 5 % slower; with 256: up to 3 %
//   8 chunks in flight: from 1 % faster to 4 % slower; 2 chunks: 3 to 8 % slower
//   k split over 2 to 8 blocks, last block adds: slower in nearly all shapes (o_proj at batch 16 by
//   10 %)
//   activations in shared memory by cp.async, rows over warps, clusters of up to 8 blocks that
//   add through distributed shared memory: slower at batch 16 (o_proj 6 %) and 32 (15 %)
//   letting the next kernel start at once: 2 % faster for N > K; for K >= N 9 to 12 % slower than
//   no overlap at all
// Limited by: HBM bandwidth up to batch 8; above that by the activations, which every block reads
// from the L2: as many bytes as its weights at 32 rows of each. From batch 17 on tma_gemm.cu is
// used, where there is wgmma.
#include "kernels/ops/skinny_gemm.h"

#include <stdexcept>

#include "kernels/cuda/launch.h"
#include "kernels/ops/skinny_gemm.cuh"

namespace perfgate {

namespace {

template <class T, int row_tiles, int column_tiles, int depth>
void launch_skinny(const void* in, const void* weight, void* out, const GemmShape& shape,
                   const Queue& queue) {
  const SkinnyTask<T> task{static_cast<const T*>(in), static_cast<const T*>(weight),
                           static_cast<T*>(out),      static_cast<int>(shape.m),
                           static_cast<int>(shape.n), static_cast<int>(shape.k)};
  const auto grid = static_cast<unsigned>(shape.n / (16 * row_tiles));
  launch("skinny_gemm", skinny_gemm_kernel<T, row_tiles, column_tiles, depth>, grid, skinny_threads,
         queue, task);
}

}  // namespace

bool skinny_gemm_takes(const GemmShape& shape) {
  return shape.m >= 1 && shape.m <= skinny_most_rows && shape.n % 32 == 0 && shape.k % 128 == 0;
}

void skinny_gemm(DType dtype, const void* in, const void* weight, void* out, const GemmShape& shape,
                 const Queue& queue) {
  if (!skinny_gemm_takes(shape))
    throw std::invalid_argument(
        "skinny_gemm: at most 32 rows, n a multiple of 32, k a multiple of 128");
  with_element(dtype, [&](auto element) {
    using T = decltype(element);
    if (shape.m <= 8)
      launch_skinny<T, 1, 1, 4>(in, weight, out, shape, queue);
    else if (shape.m <= 16)
      launch_skinny<T, 2, 2, 2>(in, weight, out, shape, queue);
    else
      launch_skinny<T, 2, 4, 2>(in, weight, out, shape, queue);
  });
}

}  // namespace perfgate
