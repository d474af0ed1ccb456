// SPDX-License-Identifier: Apache-2.0
// Problem: at decode, attention is one pass over the K and V of every sequence (512 bytes per token
// and KV head), with 1 to 8 query heads that use each byte. With 8 heads per byte, CUDA cores would
// need over half of their peak just for the products. So the tensor cores do them, even where one
// query head wastes 7/8 of each instruction (they would idle anyway).
// Design: a warp takes a tile of 16 tokens, which is one block of the paged cache, and computes
//   S^T[16 tokens x 8 heads]  = K[16 x 128] * Q^T      8 instructions m16n8k16
//   O^T[128 dims  x 8 heads] += V^T[128 x 16] * P^T    8 instructions
// K and V go from memory to registers to the tensor cores: no shared memory, no barrier. That works
// because a contraction may be permuted: K's 16-byte pieces are used in the order in which they
// arrive and Q is loaded in the same order; V's rows of two tokens are zipped by byte permutes; and
// the 16 dims of an instruction are those that a lane happens to hold.
// Pipeline: K's registers are loaded again as soon as S is computed, V's as soon as O is, and block
// numbers two tiles ahead; so a warp keeps 4 to 8 KB in flight, an SM 48 to 96 KB, where Little's
// law asks for 30 (H200: 4.8 TB/s, 0.8 us, 132 SMs).
// Each warp requests its first tile before it waits for the previous kernel (overlap.cuh). The four
// warps of a block merge in shared memory; the splits of a context merge in a second kernel.
// Limited by: HBM bandwidth for large KV; for small KV by latency and the second launch. Splits are
// equal in tiles per sequence, so very ragged lengths leave a tail.
#include "kernels/ops/attention.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <stdexcept>

#include "kernels/cuda/launch.h"
#include "kernels/cuda/overlap.cuh"
#include "kernels/cuda/pack.cuh"
#include "kernels/cuda/ptx.cuh"
#include "kernels/ops/attention_tile.cuh"

namespace perfgate {

inline constexpr int attention_warps = 4;
inline constexpr int attention_threads = attention_warps * 32;
inline constexpr int attention_blocks_per_sm = 3;  // what 168 registers per thread allow
inline constexpr int most_splits = 256;
inline constexpr int combine_warps = 8;

/// The kernel's arguments with their types. The partial results are what one split of one KV head
/// leaves behind: the unnormalised sum and (maximum, sum of the weights), in base-2 logarithms.
template <class T>
struct AttentionTask {
  const T* qkv;
  const T* key_cache;
  const T* value_cache;
  const std::int32_t* block_table;
  const std::int32_t* seq_lens;
  T* out;
  float* partial_out;    // [batch, query_heads, splits, head_dim]
  float2* partial_stat;  // [batch, query_heads, splits]
  int kv_heads;
  int group;  // query heads per KV head
  int splits;
  int max_blocks;
  float scale_log2;
};

/// Merges the warps of the block and writes the result, which is final for one split and partial
/// for several. Thread 16 h + c writes dims 8 c + {0..7} of head h.
template <class T>
__device__ __forceinline__ void merge_and_store(const AttentionTask<T>& task, WarpTile<T>& tile,
                                                int token, int kv_head, int split) {
  // Four more floats per head keep the lanes of a store from all meeting in one bank.
  __shared__ __align__(16) float shared_out[attention_warps][heads_per_tile][head_dim + 4];
  __shared__ float shared_max[attention_warps][heads_per_tile];
  __shared__ float shared_sum[attention_warps][heads_per_tile];
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int group_lane = static_cast<int>(threadIdx.x) % 32 / 4;
  const int member = static_cast<int>(threadIdx.x) % 4;
#pragma unroll
  for (int head = 0; head < 2; ++head) {
    float sum = tile.sum[head];
#pragma unroll
    for (int lanes = 4; lanes < 32; lanes *= 2) sum += __shfl_xor_sync(0xffffffffu, sum, lanes);
    if (group_lane == 0) {
      shared_max[warp][2 * member + head] = tile.max[head];
      shared_sum[warp][2 * member + head] = sum;
    }
    float* row = shared_out[warp][2 * member + head] + 8 * group_lane;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
      for (int i = 0; i < 8; i += 4) {
        const int c = head + 2 * half;
        *reinterpret_cast<float4*>(row + 64 * half + i) =
            make_float4(tile.out[i][c], tile.out[i + 1][c], tile.out[i + 2][c], tile.out[i + 3][c]);
      }
    }
  }
  __syncthreads();

  const int head = static_cast<int>(threadIdx.x) / 16;
  const int column = static_cast<int>(threadIdx.x) % 16 * pack_elements;
  if (head >= task.group) return;
  float top = -FLT_MAX;  // finite, so that a warp without tokens weighs 2^-inf = 0
#pragma unroll
  for (int w = 0; w < attention_warps; ++w) top = fmaxf(top, shared_max[w][head]);
  float sum = 0;
  float values[pack_elements] = {0, 0, 0, 0, 0, 0, 0, 0};
#pragma unroll
  for (int w = 0; w < attention_warps; ++w) {
    const float weight = exp2_fast(shared_max[w][head] - top);
    sum += weight * shared_sum[w][head];
#pragma unroll
    for (int e = 0; e < pack_elements; ++e) {
      values[e] += weight * shared_out[w][head][column + e];
    }
  }
  const std::int64_t row =
      static_cast<std::int64_t>(token) * task.kv_heads * task.group + kv_head * task.group + head;
  if (task.splits == 1) {
    const float inverse = sum > 0 ? 1 / sum : 0.0f;
#pragma unroll
    for (int e = 0; e < pack_elements; ++e) values[e] *= inverse;
    *reinterpret_cast<uint4*>(task.out + row * head_dim + column) = pack<T>(values);
    return;
  }
  const std::int64_t part = row * task.splits + split;
  auto* partial = reinterpret_cast<float4*>(task.partial_out + part * head_dim + column);
  partial[0] = make_float4(values[0], values[1], values[2], values[3]);
  partial[1] = make_float4(values[4], values[5], values[6], values[7]);
  if (column == 0) task.partial_stat[part] = make_float2(top, sum);
}

/// Each block takes one (sequence, split, KV head). KV heads are next to each other, so that blocks
/// that run together read neighbouring rows of the same pages.
template <class T>
__global__ void __launch_bounds__(attention_threads, attention_blocks_per_sm)
    attention_kernel(const AttentionTask<T> task) {
  let_next_start();
  const int kv_head = static_cast<int>(blockIdx.x) % task.kv_heads;
  const int split = static_cast<int>(blockIdx.x) / task.kv_heads % task.splits;
  const int token = static_cast<int>(blockIdx.x) / task.kv_heads / task.splits;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int group_lane = static_cast<int>(threadIdx.x) % 32 / 4;
  const int member = static_cast<int>(threadIdx.x) % 4;

  const int length = task.seq_lens[token];
  const int tiles = (length + tile_tokens - 1) / tile_tokens;
  const int end = static_cast<int>(static_cast<std::int64_t>(tiles) * (split + 1) / task.splits);
  int index = static_cast<int>(static_cast<std::int64_t>(tiles) * split / task.splits) + warp;

  const std::int32_t* blocks =
      task.block_table + static_cast<std::int64_t>(token) * task.max_blocks;
  const int row_stride = task.kv_heads * head_dim;
  const std::int64_t block_stride = static_cast<std::int64_t>(row_stride) * tile_tokens;
  const T* keys = task.key_cache + kv_head * head_dim + member * pack_elements;
  const T* values = task.value_cache + kv_head * head_dim + group_lane * pack_elements;

  WarpTile<T> tile;
  int next_block = 0;
  if (index < end) {
    const int block = blocks[index];
    if (index + attention_warps < end) next_block = blocks[index + attention_warps];
    const int valid = min(length - index * tile_tokens, tile_tokens);
    // This step writes only the newest token of a context (kv_write), and it lies in the last tile:
    // the other tiles may be read while the kernels before still run.
    if (index == tiles - 1) wait_for_previous();
    load_keys(tile, keys + block * block_stride, row_stride, group_lane, valid);
    load_values(tile, values + block * block_stride, row_stride, member, valid);
  }
  wait_for_previous();
  const std::int64_t q_columns =
      static_cast<std::int64_t>(task.kv_heads) * (task.group + 2) * head_dim;
  const T* q = task.qkv + token * q_columns + (kv_head * task.group + group_lane) * head_dim +
               member * pack_elements;
#pragma unroll
  for (int j = 0; j < 4; ++j) {
    tile.q[j] = group_lane < task.group ? *reinterpret_cast<const uint4*>(q + 32 * j)
                                        : make_uint4(0, 0, 0, 0);
  }
#pragma unroll
  for (int i = 0; i < 8; ++i) {
#pragma unroll
    for (int c = 0; c < 4; ++c) tile.out[i][c] = 0;
  }

  for (; index < end; index += attention_warps) {
    const int next = index + attention_warps;
    const int valid = min(length - index * tile_tokens, tile_tokens);
    const int next_valid = min(length - next * tile_tokens, tile_tokens);
    const int after = next + attention_warps < end ? blocks[next + attention_warps] : 0;
    float scores[4];
    score(tile, scores);
    if (next < end) {
      load_keys(tile, keys + next_block * block_stride, row_stride, group_lane, next_valid);
    }
    weigh(tile, scores, task.scale_log2, group_lane, valid);
    accumulate(tile, scores);
    if (next < end) {
      load_values(tile, values + next_block * block_stride, row_stride, member, next_valid);
    }
    next_block = after;
  }
  merge_and_store(task, tile, token, kv_head, split);
}

/// Each block takes one (sequence, query head). Every warp finds the common maximum itself and sums
/// one in `warps` splits, four columns per lane; then half of the first warp adds up the warps.
template <class T>
__global__ void __launch_bounds__(combine_warps * 32)
    attention_combine_kernel(const float* partial_out, const float2* partial_stat, T* out,
                             int splits) {
  let_next_start();
  __shared__ __align__(16) float shared_out[combine_warps][head_dim];
  const std::int64_t row = blockIdx.x;
  const int warps = static_cast<int>(blockDim.x) / 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const float2* stat = partial_stat + row * splits;
  const auto* partial = reinterpret_cast<const float4*>(partial_out + row * splits * head_dim);
  wait_for_previous();

  float top = -FLT_MAX;
#pragma unroll 2
  for (int s = lane; s < splits; s += 32) top = fmaxf(top, stat[s].x);
#pragma unroll
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, lanes));
  }
  float sum = 0;
#pragma unroll 2
  for (int s = lane; s < splits; s += 32) sum += exp2_fast(stat[s].x - top) * stat[s].y;
#pragma unroll
  for (int lanes = 16; lanes > 0; lanes /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, lanes);

  float4 total = make_float4(0, 0, 0, 0);
#pragma unroll 4
  for (int s = warp; s < splits; s += warps) {
    const float weight = exp2_fast(stat[s].x - top);
    const float4 part = partial[s * (head_dim / 4) + lane];
    total.x += weight * part.x;
    total.y += weight * part.y;
    total.z += weight * part.z;
    total.w += weight * part.w;
  }
  *reinterpret_cast<float4*>(&shared_out[warp][lane * 4]) = total;
  __syncthreads();

  if (threadIdx.x >= head_dim / pack_elements) return;
  const float inverse = sum > 0 ? 1 / sum : 0.0f;
  float values[pack_elements] = {0, 0, 0, 0, 0, 0, 0, 0};
  // These loops have few rounds: unrolled further, they are mostly code that has to be fetched and
  // is then skipped.
#pragma unroll 2
  for (int w = 0; w < warps; ++w) {
#pragma unroll
    for (int e = 0; e < pack_elements; ++e) values[e] += shared_out[w][lane * pack_elements + e];
  }
#pragma unroll
  for (int e = 0; e < pack_elements; ++e) values[e] *= inverse;
  reinterpret_cast<uint4*>(out)[row * (head_dim / pack_elements) + lane] = pack<T>(values);
}

// The cost is counted in rounds. Blocks run in waves; a wave takes as many rounds as its warps have
// tiles, and half a round to start and end. The combine kernel takes one more round, and a little
// longer with each split.
int attention_splits(const AttentionShape& shape, int sm_count) {
  const int tiles = ceil_div(shape.max_context, tile_tokens);
  const int units = shape.batch * shape.kv_heads;
  const int slots = sm_count * attention_blocks_per_sm;
  const int most = std::clamp(tiles / attention_warps, 1, most_splits);
  int best = 1;
  double best_cost = INFINITY;
  for (int splits = 1; splits <= most; ++splits) {
    const int waves = ceil_div(units * splits, slots);
    const int rounds = ceil_div(ceil_div(tiles, splits), attention_warps);
    const double combine = splits > 1 ? 1 + 0.02 * splits : 0;
    const double cost = waves * (rounds + 0.5) + combine;
    if (cost < best_cost) {
      best = splits;
      best_cost = cost;
    }
  }
  return best;
}

std::size_t attention_workspace_bytes(const AttentionShape& shape, int splits) {
  if (splits == 1) return 0;
  const auto parts = static_cast<std::size_t>(shape.batch) *
                     static_cast<std::size_t>(shape.query_heads) * static_cast<std::size_t>(splits);
  return parts * (head_dim * sizeof(float) + sizeof(float2));
}

void attention(DType dtype, const AttentionBuffers& buffers, const AttentionShape& shape,
               int splits, const Queue& queue) {
  const int group = shape.query_heads / shape.kv_heads;
  if (group * shape.kv_heads != shape.query_heads || group > attention_max_group) {
    throw std::invalid_argument("attention: query_heads must be 1 to 8 times kv_heads");
  }
  const std::int64_t rows = static_cast<std::int64_t>(shape.batch) * shape.query_heads;
  auto* partial_out = static_cast<float*>(buffers.workspace);
  auto* partial_stat =
      splits > 1 ? reinterpret_cast<float2*>(partial_out + rows * splits * head_dim) : nullptr;
  const float scale_log2 = static_cast<float>(std::log2(std::exp(1.0)) / std::sqrt(head_dim));
  with_element(dtype, [&](auto element) {
    using T = decltype(element);
    const AttentionTask<T> task{static_cast<const T*>(buffers.qkv),
                                static_cast<const T*>(buffers.key_cache),
                                static_cast<const T*>(buffers.value_cache),
                                buffers.block_table,
                                buffers.seq_lens,
                                static_cast<T*>(buffers.out),
                                partial_out,
                                partial_stat,
                                shape.kv_heads,
                                group,
                                splits,
                                shape.max_blocks,
                                scale_log2};
    const int blocks = shape.batch * shape.kv_heads * splits;
    launch("attention", attention_kernel<T>, static_cast<unsigned>(blocks),
           {attention_threads, 0, Carveout::mostly_l1}, queue, task);
    if (splits == 1) return;
    const auto threads = static_cast<unsigned>(std::min(splits, combine_warps) * 32);
    launch("attention_combine", attention_combine_kernel<T>, static_cast<unsigned>(rows),
           {threads, 0, Carveout::mostly_l1}, queue, partial_out, partial_stat, task.out, splits);
  });
}

}  // namespace perfgate
