// SPDX-License-Identifier: Apache-2.0
// What one warp of attention.cu does with one tile of 16 tokens; the layout is explained there.
#pragma once

#include <cmath>

#include "gate/decode/layer_model.h"
#include "kernels/cuda/pack.cuh"
#include "kernels/cuda/ptx.cuh"
#include "kernels/ops/attention.h"

namespace perfgate {

inline constexpr int head_dim = attention_head_dim;
inline constexpr int heads_per_tile = attention_max_group;
inline constexpr int tile_tokens = kv_block_tokens;

/// One warp's state. Lane = 4 * group_lane + member; see ptx.cuh for which lane holds what.
template <class T>
struct WarpTile {
  uint4 k[2][4];    // tokens group_lane and + 8; dims 32 j + 8 member + {0..7}
  uint4 v[4][2];    // tokens 2 member + {0, 1, 8, 9}; dims 64 j + 8 group_lane + {0..7}
  uint4 q[4];       // head group_lane; dims as k
  float out[8][4];  // [i]: dims 8 group_lane + i and + 64; heads 2 member + {0, 1}
  float max[2] = {-INFINITY, -INFINITY};  // of heads 2 member + {0, 1}, the same in all lanes
  float sum[2] = {0, 0};                  // of this lane's tokens only
};

/// `keys` is this lane's column of token 0 of the block. Tokens beyond the last valid one are read
/// as the last one, which is in bounds and finite, and are masked later.
template <class T>
__device__ __forceinline__ void load_keys(WarpTile<T>& tile, const T* keys, int row_stride,
                                          int group_lane, int valid) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const T* row = keys + min(group_lane + 8 * half, valid - 1) * row_stride;
#pragma unroll
    for (int j = 0; j < 4; ++j) tile.k[half][j] = load_once(row + 32 * j);
  }
}

template <class T>
__device__ __forceinline__ void load_values(WarpTile<T>& tile, const T* values, int row_stride,
                                            int member, int valid) {
#pragma unroll
  for (int t = 0; t < 4; ++t) {
    const int token = 2 * member + (t % 2) + 8 * (t / 2);
    const T* row = values + min(token, valid - 1) * row_stride;
#pragma unroll
    for (int j = 0; j < 2; ++j) tile.v[t][j] = load_once(row + 64 * j);
  }
}

/// Computes S^T of the tile: scores[0], [1] of token group_lane, [2], [3] of token group_lane + 8.
template <class T>
__device__ __forceinline__ void score(const WarpTile<T>& tile, float (&scores)[4]) {
  float other[4] = {0, 0, 0, 0};  // a second chain halves the latency of eight dependent products
#pragma unroll
  for (int i = 0; i < 4; ++i) scores[i] = 0;
#pragma unroll
  for (int j = 0; j < 4; ++j) {
    const uint4& low = tile.k[0][j];
    const uint4& high = tile.k[1][j];
    mma_16x8x16<T>(scores, low.x, high.x, low.y, high.y, tile.q[j].x, tile.q[j].y);
    mma_16x8x16<T>(other, low.z, high.z, low.w, high.w, tile.q[j].z, tile.q[j].w);
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) scores[i] += other[i];
}

/// The online softmax: turns scores into weights and rescales what was summed so far.
template <class T>
__device__ __forceinline__ void weigh(WarpTile<T>& tile, float (&scores)[4], float scale_log2,
                                      int group_lane, int valid) {
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const int token = group_lane + 8 * (i / 2);
    scores[i] = token < valid ? scores[i] * scale_log2 : -INFINITY;
  }
#pragma unroll
  for (int head = 0; head < 2; ++head) {
    float top = fmaxf(scores[head], scores[head + 2]);
#pragma unroll
    for (int lanes = 4; lanes < 32; lanes *= 2) {
      top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, lanes));
    }
    top = fmaxf(top, tile.max[head]);  // finite: a tile has at least one valid token
    const float shrink = exp2_fast(tile.max[head] - top);
    tile.max[head] = top;
    scores[head] = exp2_fast(scores[head] - top);
    scores[head + 2] = exp2_fast(scores[head + 2] - top);
    tile.sum[head] = tile.sum[head] * shrink + (scores[head] + scores[head + 2]);
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      tile.out[i][head] *= shrink;
      tile.out[i][head + 2] *= shrink;
    }
  }
}

/// Adds V^T P^T to O^T.
template <class T>
__device__ __forceinline__ void accumulate(WarpTile<T>& tile, const float (&weights)[4]) {
  const unsigned low = transpose_8x8(pack_pair<T>(weights[0], weights[1]));
  const unsigned high = transpose_8x8(pack_pair<T>(weights[2], weights[3]));
  unsigned words[4][2][4];
#pragma unroll
  for (int t = 0; t < 4; ++t) {
#pragma unroll
    for (int j = 0; j < 2; ++j) {
      words[t][j][0] = tile.v[t][j].x;
      words[t][j][1] = tile.v[t][j].y;
      words[t][j][2] = tile.v[t][j].z;
      words[t][j][3] = tile.v[t][j].w;
    }
  }
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    // Puts the i-th elements of two tokens side by side.
    const unsigned zip = i % 2 == 0 ? 0x5410 : 0x7632;
    mma_16x8x16<T>(tile.out[i], __byte_perm(words[0][0][i / 2], words[1][0][i / 2], zip),
                   __byte_perm(words[0][1][i / 2], words[1][1][i / 2], zip),
                   __byte_perm(words[2][0][i / 2], words[3][0][i / 2], zip),
                   __byte_perm(words[2][1][i / 2], words[3][1][i / 2], zip), low, high);
  }
}

}  // namespace perfgate
