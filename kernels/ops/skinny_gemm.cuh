// SPDX-License-Identifier: Apache-2.0
// The device side of skinny_gemm.cu, which says why it is built like this.
#pragma once

#include <cstdint>

#include "kernels/cuda/overlap.cuh"
#include "kernels/cuda/pack.cuh"
#include "kernels/cuda/ptx.cuh"

namespace perfgate {

inline constexpr int skinny_chunk = 32;  ///< elements of k that four lanes hold, 16 bytes each
template <int depth>
inline constexpr int skinny_piece = depth* skinny_chunk;  ///< k is a multiple of it
inline constexpr int skinny_warps = 16;
inline constexpr int skinny_threads = 32 * skinny_warps;

/// Computes out[m, n] = in[m, k] * weight[n, k]^T, all dense and row-major.
template <class T>
struct SkinnyTask {
  const T* in;
  const T* weight;
  T* out;
  int m, n, k;
};

/// One warp's share of a block: 16 * row_tiles rows of weight, 8 * column_tiles rows of `in`, and
/// every sixteenth piece of k. A piece is `depth` chunks, which are what a warp has in flight. Lane
/// 4 group + member holds elements 8 member + {0..7} of a chunk, for rows group and group + 8 of
/// each tile. In the order in which they arrive they are a permutation of k, the same one for
/// weight and `in`, so the sums are right.
template <class T, int row_tiles, int column_tiles, int depth>
class SkinnyWarp {
 public:
  __device__ __forceinline__ SkinnyWarp(const SkinnyTask<T>& task, std::int64_t first_row)
      : m_k(task.k), m_columns(task.m - lane_group()) {
    const int offset = pack_elements * lane_member();
    m_weight = task.weight + (first_row + lane_group()) * task.k + offset;
    m_in = task.in + static_cast<std::int64_t>(lane_group()) * task.k + offset;
  }

  __device__ __forceinline__ static int lane_group() {
    return static_cast<int>(threadIdx.x) % 32 / 4;
  }
  __device__ __forceinline__ static int lane_member() { return static_cast<int>(threadIdx.x) % 4; }

  /// These two request chunk `slot` of a piece: of the weight, and of `in`.
  __device__ __forceinline__ void load_weights(int slot, int piece) {
    const T* at = m_weight + piece * skinny_piece<depth> + slot * skinny_chunk;
#pragma unroll
    for (int r = 0; r < row_tiles; ++r) {
      m_low[slot][r] = load_weight(at + 16 * r * m_k);
      m_high[slot][r] = load_weight(at + (16 * r + 8) * m_k);
    }
  }
  __device__ __forceinline__ void load_in(int slot, int piece) {
    const T* at = m_in + piece * skinny_piece<depth> + slot * skinny_chunk;
#pragma unroll
    for (int c = 0; c < column_tiles; ++c) {
      m_rows[slot][c] = make_uint4(0, 0, 0, 0);
      if (8 * c < m_columns)
        m_rows[slot][c] = __ldcg(reinterpret_cast<const uint4*>(at + 8 * c * m_k));
    }
  }

  __device__ __forceinline__ void multiply(int slot) {
#pragma unroll
    for (int r = 0; r < row_tiles; ++r) {
      const uint4 low = m_low[slot][r], high = m_high[slot][r];
#pragma unroll
      for (int c = 0; c < column_tiles; ++c) {
        const uint4 rows = m_rows[slot][c];
        mma_16x8x16<T>(sums[r][c], low.x, high.x, low.y, high.y, rows.x, rows.y);
        mma_16x8x16<T>(sums[r][c], low.z, high.z, low.w, high.w, rows.z, rows.w);
      }
    }
  }

  /// Goes on with the weights that many rows further.
  __device__ __forceinline__ void advance(std::int64_t rows) {
    m_weight += rows * m_k;
  }

  /// Adds this warp's sums to a tile of shared memory, or writes them there, and forgets them.
  template <bool adds>
  __device__ __forceinline__ void put_sums(float (*tile)[16 * row_tiles + 4]) {
    const int group = lane_group(), member = lane_member();
#pragma unroll
    for (int r = 0; r < row_tiles; ++r)
#pragma unroll
      for (int c = 0; c < column_tiles; ++c)
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          float& part = tile[8 * c + 2 * member + i % 2][16 * r + group + i / 2 * 8];
          part = adds ? part + sums[r][c][i] : sums[r][c][i];
          sums[r][c][i] = 0;
        }
  }

  float sums[row_tiles][column_tiles][4] = {};

 private:
  const T* m_weight;
  const T* m_in;
  std::int64_t m_k;
  int m_columns;  // rows of `in` from this lane's first one on
  uint4 m_low[depth][row_tiles], m_high[depth][row_tiles];
  uint4 m_rows[depth][column_tiles];
};

template <class T, int row_tiles, int column_tiles, int depth>
__global__ void __launch_bounds__(skinny_threads) skinny_gemm_kernel(const SkinnyTask<T> task) {
  constexpr int rows = 16 * row_tiles, columns = 8 * column_tiles;
  // Four more floats per column keep the lanes of a store from all meeting in one bank. A block
  // gets 48 KB without asking for more, so for the largest tile the warps store in two turns.
  constexpr int turns = skinny_warps * columns * (rows + 4) * sizeof(float) > 48 << 10 ? 2 : 1;
  constexpr int parts = skinny_warps / turns;
  __shared__ float tiles[parts][columns][rows + 4];
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const std::int64_t first_row = static_cast<std::int64_t>(blockIdx.x) * rows;
  const int pieces = task.k / skinny_piece<depth>;

  SkinnyWarp<T, row_tiles, column_tiles, depth> own(task, first_row);
  if (warp < pieces) {
#pragma unroll
    for (int slot = 0; slot < depth; ++slot) own.load_weights(slot, warp);
  }
  wait_for_previous();
  if (warp < pieces) {
#pragma unroll
    for (int slot = 0; slot < depth; ++slot) own.load_in(slot, warp);
  }
#pragma unroll 1
  for (int piece = warp; piece < pieces; piece += skinny_warps) {
    const int next = piece + skinny_warps;
#pragma unroll
    for (int slot = 0; slot < depth; ++slot) {
      own.multiply(slot);
      if (next < pieces) {
        own.load_weights(slot, next);
        own.load_in(slot, next);
      }
    }
  }
  // This call is not at the start: the next GEMM's weights would come between ours.
  let_next_start();

  const int group = own.lane_group(), member = own.lane_member();
#pragma unroll
  for (int turn = 0; turn < turns; ++turn) {
    if (warp / parts == turn) {
#pragma unroll
      for (int r = 0; r < row_tiles; ++r)
#pragma unroll
        for (int c = 0; c < column_tiles; ++c)
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            float& part =
                tiles[warp % parts][8 * c + 2 * member + i % 2][16 * r + group + i / 2 * 8];
            part = turn == 0 ? own.sums[r][c][i] : part + own.sums[r][c][i];
          }
    }
    __syncthreads();
  }
  for (int e = static_cast<int>(threadIdx.x); e < rows * columns; e += skinny_threads) {
    const int column = e / rows, row = e % rows;
    if (column >= task.m) break;
    float sum = 0;
#pragma unroll
    for (int p = 0; p < parts; ++p) sum += tiles[p][column][row];
    task.out[static_cast<std::int64_t>(column) * task.n + first_row + row] = T(sum);
  }
}

/// The same with blocks that stay: `blocks_per_sm` of them, each of `warps` warps, take one tile of
/// rows after another. Where a warp's turns at a tile end, it requests its first weights of the
/// next one, so they arrive while the tile is added up; the kernel above has nothing in flight
/// then. blocks_per_sm 0 is for a block a tile. k has at least one piece for each warp.
template <class T, int row_tiles, int column_tiles, int depth, int warps, int blocks_per_sm>
__global__ void __launch_bounds__(32 * warps, blocks_per_sm)
    skinny_stay_kernel(const SkinnyTask<T> task) {
  constexpr int rows = 16 * row_tiles, columns = 8 * column_tiles;
  constexpr int turns = warps * columns * (rows + 4) * sizeof(float) > 48 << 10 ? 2 : 1;
  constexpr int parts = warps / turns;
  __shared__ float tiles[parts][columns][rows + 4];
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int pieces = task.k / skinny_piece<depth>;
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * rows;

  std::int64_t first_row = static_cast<std::int64_t>(blockIdx.x) * rows;
  SkinnyWarp<T, row_tiles, column_tiles, depth> own(task, first_row);
  int piece = warp;
  if (piece < pieces) {
#pragma unroll
    for (int slot = 0; slot < depth; ++slot) own.load_weights(slot, piece);
  }
  wait_for_previous();
  if (piece < pieces) {
#pragma unroll
    for (int slot = 0; slot < depth; ++slot) own.load_in(slot, piece);
  }
#pragma unroll 1
  for (; first_row < task.n; first_row += stride) {
    const bool last = first_row + stride >= task.n;
    // Not earlier: the next GEMM's weights would come between ours. Not later: what follows would
    // be launched only when the slowest block has nothing left to read.
    if (last) let_next_start();
#pragma unroll 1
    while (piece < pieces) {
      int next = piece + warps;
      const bool ends = next >= pieces;
      if (ends) {
        next -= pieces;
        own.advance(stride);
      }
#pragma unroll
      for (int slot = 0; slot < depth; ++slot) {
        own.multiply(slot);
        if (!ends || !last) {
          own.load_weights(slot, next);
          own.load_in(slot, next);
        }
      }
      piece = next;
      if (ends) break;
    }
#pragma unroll
    for (int turn = 0; turn < turns; ++turn) {
      if (warp / parts == turn) {
        if (turn == 0)
          own.template put_sums<false>(tiles[warp % parts]);
        else
          own.template put_sums<true>(tiles[warp % parts]);
      }
      __syncthreads();
    }
    for (int e = static_cast<int>(threadIdx.x); e < rows * columns; e += 32 * warps) {
      const int column = e / rows, row = e % rows;
      if (column >= task.m) break;
      float sum = 0;
#pragma unroll
      for (int p = 0; p < parts; ++p) sum += tiles[p][column][row];
      task.out[static_cast<std::int64_t>(column) * task.n + first_row + row] = T(sum);
    }
    if (!last) __syncthreads();  // the tile has been read
  }
}

}  // namespace perfgate
