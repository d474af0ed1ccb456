// SPDX-License-Identifier: Apache-2.0
// Problem: skinny_gemm.cu reads the activations again for every 16 or 32 rows of weight, which at
// 32 tokens are as many bytes as the weights. And because it does not split k, a block of 32 rows
// has a long k to itself.
// Design: one wave of blocks, each of which has all its rows of weight at once (48 to 224), so that
// it reads the activations once (the largest n take several waves). One thread of a fifth warp
// fills a ring of 60 to 224 KB of shared memory by TMA, and four warps multiply from there by
// wgmma, so no registers hold what is in flight. wgmma takes 64 rows of activations, however few
// there are: the tensor cores would idle anyway. Where n is small, pairs of blocks share the rows
// and take half of k each: a block then reads half of the activations, and the sums meet in
// distributed shared memory. Blocks begin at different k (stagger): otherwise all of them ask the
// L2 for the same lines of activations at once.
// Overlap: as much of the weight as the ring holds is requested before the wait for the previous
// kernel; the next kernel may start when the last weights have been requested.
// Tried and rejected with a stand-alone version (H100 80GB HBM3, 2026-11-25, 20 launches or more in
// a graph, with overlap; shapes of llama-2-7b and llama-3.1-8b):
//   no stagger: 2 % slower for n >= 12288 at 64 rows, with own rings (below) 6 to 11 %; 1 to 2 % at
//     32 rows
//   activations by multicast to clusters of 2: from 2 % faster to 3 % slower; of 4: only 120 of 132
//     multiprocessors can hold one, so twice as slow
//   arriving at the neighbour's barriers with release.cluster, a fence each time: 1.2 to 3.7 times
//     as slow
//   no pairs: down_proj 2 to 12 % slower, o_proj from 1 % faster to 2 % slower
//   own rings for weights and activations, fewer slots for these: from equal to 6 % slower at 64
//     rows
//   two warpgroups that take turns: from 1 % faster to 7 % slower
//   room for the next launch's blocks beside ours (half the ring): 3 to 29 % slower
//   one slab of k in a slot where rows are few (48, 64): from 2 % faster to 9 % slower
//   seven slots of 32 + 88 rows where two blocks share an SM: 7 % slower than six, the reason is
//     not known (gemm_variants.h keeps the six; on an H200 all that fit are up to 2 % faster)
// NVIDIA H200, driver 580.159.04, 2026-11-29 (docs/results.md, docs/results/gemm-h200.csv):
//   One wgmma has all rows of weight. With one for each 32, which reads the activations from shared
//     memory as many times, blocks of 48 rows were up to 15 % slower, most others equal.
//   Each lane stores eight columns. With two, as the sums lie, the L2 had to merge stores of 16
//     bytes a row: up to 2 % slower at 64 rows.
//   Three blocks an SM of 56 rows with all slots that fit: 2 to 4 % faster than two with 88 for
//     llama-2-7b's gate_up_proj; three of 80 rows, four of 48 or 56: slower.
//   Weights that leave the L2 first, and no fetch of the next slab's line with them: up to 4 %
//     faster; with large n slower from 32 rows (224 rows of weight) or from 64 on. They read no
//     byte twice.
//   One block an SM with 224 rows, so that llama-3.1-8b's gate_up_proj is one wave: 2 % faster than
//     two with 112; 168 rows (llama-2-7b's) from equal to 3 % slower than two with 88.
//   Pairs of 192 rows for llama-2-7b's qkv_proj and of 96 for llama-3.1-8b's: from 3 % faster to
//     3 % slower, elsewhere up to 20 % slower. Activations by multicast to clusters of 2: for
//     llama-2-7b's qkv_proj equal at 64 rows, 3 to 4 % slower below.
//   32 rows without pairs, two blocks an SM with 64 rows: up to 25 % slower.
// Slots of 16 rows of activations up to batch 16. Limited by: HBM, 65 to 93 % of the read roof from
// launch to launch with overlap; at 64 rows also by the activations from the L2. In a layer it is
// limited by its shared memory: the small kernels around it overlap less than around skinny_gemm.
// So an H100 uses skinny_gemm up to 16 rows, although tma_gemm alone is the faster one in most
// shapes, and an H200 wherever its layer is faster with it (gemm_variants.cpp).
#include "kernels/ops/tma_gemm.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "kernels/cuda/driver_api.h"
#include "kernels/cuda/launch.h"
#include "kernels/ops/tma_gemm.cuh"

namespace perfgate {

namespace {

constexpr int k_multiple = 2 * 2 * tma_slab_k;  // for pairs with two slabs in a slot

/// Describes a row-major matrix of 16-bit elements, in boxes of 64 elements of k and `box_rows`
/// rows. The L2 fetches `fetch` at a time.
CUtensorMap tensor_map(DType dtype, const void* matrix, std::int64_t rows, std::int64_t k,
                       int box_rows, CUtensorMapL2promotion fetch) {
  static const auto encode =
      driver_function<decltype(&cuTensorMapEncodeTiled)>("cuTensorMapEncodeTiled");
  const cuuint64_t size[] = {static_cast<cuuint64_t>(k), static_cast<cuuint64_t>(rows)};
  const cuuint64_t row_bytes = static_cast<cuuint64_t>(k) * 2;
  const cuuint32_t box[] = {tma_slab_k, static_cast<cuuint32_t>(box_rows)}, dense[] = {1, 1};
  CUtensorMap map;
  const CUresult status = encode(
      &map,
      dtype == DType::fp16 ? CU_TENSOR_MAP_DATA_TYPE_FLOAT16 : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 2,
      const_cast<void*>(matrix), size, &row_bytes, box, dense, CU_TENSOR_MAP_INTERLEAVE_NONE,
      CU_TENSOR_MAP_SWIZZLE_128B, fetch, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (status != CUDA_SUCCESS)
    throw DeviceError("cuTensorMapEncodeTiled: driver error " + std::to_string(status) + " (" +
                      std::to_string(rows) + " x " + std::to_string(k) + ", boxes of " +
                      std::to_string(box_rows) + " rows)");
  return map;
}

template <class T, class Tile>
void launch_tile(DType dtype, const GemmOperands& of, const GemmShape& shape, const Queue& queue) {
  static_assert(k_multiple % (tma_slab_k * Tile::slabs * Tile::split) == 0);
  constexpr CUtensorMapL2promotion two_slabs = CU_TENSOR_MAP_L2_PROMOTION_L2_256B;
  // The next slab's line must not be fetched ahead where it leaves the L2 first.
  constexpr CUtensorMapL2promotion of_weight =
      Tile::streams ? CU_TENSOR_MAP_L2_PROMOTION_L2_128B : two_slabs;
  const auto tiles = static_cast<unsigned>(ceil_div<std::int64_t>(shape.n, Tile::weight_rows));
  launch("tma_gemm", tma_gemm_kernel<T, Tile>, Grid(tiles * Tile::split, 1, Tile::split),
         {tma_gemm_threads, Tile::shared_bytes}, queue,
         tensor_map(dtype, of.weight, shape.n, shape.k, Tile::weight_rows, of_weight),
         tensor_map(dtype, of.in, shape.m, shape.k, Tile::in_rows, two_slabs),
         static_cast<T*>(of.out), static_cast<int>(shape.m), static_cast<int>(shape.n),
         static_cast<int>(shape.k));
}

/// Launches the variant where it is the one of this index, with as many rows of `in` in a slot as
/// it needs.
template <class T, std::size_t index>
void launch_if(const GemmVariant& wanted, DType dtype, const GemmOperands& of,
               const GemmShape& shape, const Queue& queue) {
  constexpr GemmVariant v = gemm_variants[index];
  if constexpr (v.kernel == GemmKernel::tma) {
    if (&wanted != &gemm_variants[index]) return;
    const auto rows = [&]<int in_rows>() {
      launch_tile<T, TmaTile<in_rows, v.weight_rows, v.depth, v.blocks_per_sm, v.split,
                             v.most_slots, v.streams>>(dtype, of, shape, queue);
    };
    if (shape.m <= 16)
      rows.template operator()<16>();
    else if (shape.m <= 32)
      rows.template operator()<32>();
    else
      rows.template operator()<64>();
  }
}

}  // namespace

void tma_gemm(const GemmVariant& variant, DType dtype, const GemmOperands& of,
              const GemmShape& shape, const Queue& queue) {
  with_element(dtype, [&](auto element) {
    [&]<std::size_t... index>(std::index_sequence<index...>) {
      (launch_if<decltype(element), index>(variant, dtype, of, shape, queue), ...);
    }
    (std::make_index_sequence<gemm_variants.size()>());
  });
}

}  // namespace perfgate
