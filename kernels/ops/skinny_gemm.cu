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
// Blocks that stay (skinny_stay_kernel), for the H200: its memory wants half as much again in
// flight, and a block that adds up its tile has nothing in flight. So one block an SM takes tile
// after tile of 32 or 48 rows, and requests the next tile's weights before it adds up. It lets the
// next kernel start where its last tile begins, which hides that kernel's launch. Rows are chosen
// so that tiles are whole waves: 128 or 256 of 48 rows for qkv_proj, 128 of 32 for o_proj and
// down_proj. Tried there in layers of llama-2-7b and llama-3.1-8b (NVIDIA H200, driver 580.159.04,
// 2026-11-29; docs/results/gemm-h200.csv has those that are kept):
//   a block a tile, two chunks in flight, so two blocks an SM: 6 to 7 % faster than four
//     chunks, but 3 to 4 % slower than blocks that stay
//   8 warps and 16 rows, two to four blocks an SM: 2 to 15 % slower alone, at batch 16 up to 26 %
//   16 rows, one or two blocks an SM: 1 to 12 % slower alone, at batch 16 up to 25 %
//   letting the next kernel start after the last tile: up to 0.7 % slower; with the first: equal
//   the weights of 2 to 4 turns requested into the L2 before the wait: what is won in the layer,
//     0.5 to 1 us for o_proj, is lost to the requests; further requests while reading: 19 to 25 %
//     slower
// Limited by: HBM bandwidth up to batch 8; above that by the activations, which every block reads
// from the L2: as many bytes as its weights at 32 rows of each. From batch 17 on, and on an H200
// from 8 on for large n, tma_gemm.cu is used where there is wgmma.
#include "kernels/ops/skinny_gemm.h"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "kernels/cuda/launch.h"
#include "kernels/ops/skinny_gemm.cuh"

namespace perfgate {

namespace {

template <class T>
SkinnyTask<T> task_of(const GemmOperands& of, const GemmShape& shape) {
  return {static_cast<const T*>(of.in), static_cast<const T*>(of.weight),
          static_cast<T*>(of.out),      static_cast<int>(shape.m),
          static_cast<int>(shape.n),    static_cast<int>(shape.k)};
}

template <class T, std::size_t index, int column_tiles>
void launch_variant(const GemmOperands& of, const GemmShape& shape, const Queue& queue) {
  constexpr GemmVariant variant = gemm_variants[index];
  constexpr int row_tiles = variant.weight_rows / 16;
  const auto tiles = static_cast<unsigned>(shape.n / variant.weight_rows);
  if constexpr (variant.blocks_per_sm == 0) {
    static_assert(variant.warps == skinny_warps);
    launch("skinny_gemm", skinny_gemm_kernel<T, row_tiles, column_tiles, variant.depth>, tiles,
           skinny_threads, queue, task_of<T>(of, shape));
  } else {
    const auto stay = static_cast<unsigned>(variant.blocks_per_sm * sm_count());
    launch("skinny_gemm",
           skinny_stay_kernel<T, row_tiles, column_tiles, variant.depth, variant.warps,
                              variant.blocks_per_sm>,
           std::min(tiles, stay), {32 * variant.warps, 0, Carveout::mostly_l1}, queue,
           task_of<T>(of, shape));
  }
}

/// Launches the variant where it is the one of this index; the tiles of columns are as many as its
/// rows of `in` need.
template <class T, std::size_t index>
void launch_if(const GemmVariant& wanted, const GemmOperands& of, const GemmShape& shape,
               const Queue& queue) {
  constexpr GemmVariant variant = gemm_variants[index];
  if constexpr (variant.kernel == GemmKernel::skinny) {
    if (&wanted != &gemm_variants[index]) return;
    if (shape.m <= 8) return launch_variant<T, index, 1>(of, shape, queue);
    if constexpr (variant.most_m > 8)
      if (shape.m <= 16) return launch_variant<T, index, 2>(of, shape, queue);
    if constexpr (variant.most_m > 16) return launch_variant<T, index, 4>(of, shape, queue);
  }
}

}  // namespace

void skinny_gemm(const GemmVariant& variant, DType dtype, const GemmOperands& of,
                 const GemmShape& shape, const Queue& queue) {
  with_element(dtype, [&](auto element) {
    [&]<std::size_t... index>(std::index_sequence<index...>) {
      (launch_if<decltype(element), index>(variant, of, shape, queue), ...);
    }
    (std::make_index_sequence<gemm_variants.size()>());
  });
}

}  // namespace perfgate
