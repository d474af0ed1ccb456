// SPDX-License-Identifier: Apache-2.0
// Problem: rotate the pairs (x[i], x[i + d/2]) of every q and k head of B tokens: 16 KB per token,
// with the angles looked up by position.
// Design: q and k lie next to each other in a qkv row, so they are query_heads + kv_heads heads at
// one stride and one launch serves both. Eight threads take a head (rotary_head.cuh): 16-byte loads
// that do not depend on each other (two of them wait for the position), fp32 arithmetic, two
// stores. The block's two coordinates are the token and a part of it, so no thread divides. Few
// tokens: a thread has one head, and blocks of 64 threads spread the batch over more SMs. Many
// tokens: a block has one token and a thread two heads, which share the angles' loads and
// conversions.
// Limited by: latency (position, then cosines, then store) at decode; HBM bandwidth at prefill.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <type_traits>

#include "kernels/cuda/launch.h"
#include "kernels/cuda/overlap.cuh"
#include "kernels/cuda/pack.cuh"
#include "kernels/ops/rotary.h"
#include "kernels/ops/rotary_head.cuh"

namespace perfgate {

inline constexpr unsigned most_threads = 256;

template <class T, int heads_a_thread, bool has_bias, bool has_norm>
__global__ void __launch_bounds__(most_threads) rotary_kernel(const RotaryTask task) {
  let_next_start();
  const unsigned lane = threadIdx.x % head_lanes;
  const unsigned stride = blockDim.x / head_lanes;
  const unsigned first_head = blockIdx.x * stride * heads_a_thread + threadIdx.x / head_lanes;
  const unsigned heads = task.query_heads + task.kv_heads;
  const unsigned token = blockIdx.y;
  if (first_head >= heads) return;

  const LanePacks angles = load_constant(task.cos_sin + task.positions[token] * head_packs + lane);
  LaneWeights weights[heads_a_thread];
#pragma unroll
  for (int j = 0; j < heads_a_thread; ++j) {
    const unsigned head = first_head + j * stride;
    if (head < heads) weights[j] = load_weights<has_bias, has_norm>(task, head, lane);
  }
  wait_for_previous();

  uint4* row =
      task.qkv + static_cast<std::int64_t>(token) * (heads + task.kv_heads) * head_packs + lane;
  LanePacks packs[heads_a_thread];
#pragma unroll
  for (int j = 0; j < heads_a_thread; ++j) {
    const unsigned head = first_head + j * stride;
    if (head >= heads) continue;
    packs[j] = {row[head * head_packs], row[head * head_packs + head_lanes]};
  }
#pragma unroll
  for (int j = 0; j < heads_a_thread; ++j) {
    const unsigned head = first_head + j * stride;
    if (head >= heads) continue;
    const LanePacks out =
        rotated<T, has_bias, has_norm>(packs[j], angles, weights[j], task.norm_eps);
    row[head * head_packs] = out.first;
    row[head * head_packs + head_lanes] = out.second;
  }
}

/// Calls `launch` with two integral constants: has_bias, has_norm.
template <class Launch>
void with_weights(const QkvWeights& weights, Launch&& launch) {
  if (weights.bias && weights.q_norm)
    launch(std::true_type{}, std::true_type{});
  else if (weights.bias)
    launch(std::true_type{}, std::false_type{});
  else if (weights.q_norm)
    launch(std::false_type{}, std::true_type{});
  else
    launch(std::false_type{}, std::false_type{});
}

/// This runs once per process, so it can afford double: an angle of position 131071 would lose 17
/// bits in fp32.
template <class T>
__global__ void __launch_bounds__(256)
    cos_sin_kernel(T* cos_sin, std::int64_t angles, int half, double log2_theta) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= angles) return;
  const std::int64_t position = i / half;
  const int pair = static_cast<int>(i % half);
  double sine, cosine;
  sincos(static_cast<double>(position) * exp2(-log2_theta * pair / half), &sine, &cosine);
  T* row = cos_sin + position * 2 * half;
  row[pair] = static_cast<T>(static_cast<float>(cosine));
  row[half + pair] = static_cast<T>(static_cast<float>(sine));
}

void rotary(DType dtype, void* qkv, const std::int64_t* positions, const void* cos_sin,
            const QkvWeights& weights, const HeadsShape& shape, const Queue& queue) {
  if (shape.head_dim != attention_head_dim)
    throw std::invalid_argument("rotary: head_dim must be 128");
  const RotaryTask task{static_cast<uint4*>(qkv),
                        positions,
                        static_cast<const uint4*>(cos_sin),
                        static_cast<const uint4*>(weights.bias),
                        static_cast<const uint4*>(weights.q_norm),
                        static_cast<const uint4*>(weights.k_norm),
                        weights.norm_eps,
                        static_cast<unsigned>(shape.query_heads),
                        static_cast<unsigned>(shape.kv_heads)};
  const auto tokens = static_cast<unsigned>(shape.batch);
  const unsigned heads = task.query_heads + task.kv_heads;
  // From this many tokens on, blocks of a whole token give every other SM work. The limit is not
  // higher, because 64 is the largest batch of a workload: so both ways are checked.
  constexpr unsigned many_tokens = 64;
  constexpr unsigned few_threads = 64;
  with_element(dtype, [&](auto element) {
    with_weights(weights, [&](auto has_bias, auto has_norm) {
      using T = decltype(element);
      if (tokens < many_tokens) {
        const Grid grid{ceil_div(heads * head_lanes, few_threads), tokens};
        launch("rotary", rotary_kernel<T, 1, has_bias(), has_norm()>, grid, few_threads, queue,
               task);
      } else {
        const unsigned threads =
            std::min(ceil_div(ceil_div(heads, 2u) * head_lanes, 32u) * 32, most_threads);
        const Grid grid{ceil_div(heads * head_lanes, 2 * threads), tokens};
        launch("rotary", rotary_kernel<T, 2, has_bias(), has_norm()>, grid, threads, queue, task);
      }
    });
  });
}

void fill_cos_sin(DType dtype, void* cos_sin, std::int64_t rows, int head_dim, double theta,
                  cudaStream_t stream) {
  const int half = head_dim / 2;
  constexpr unsigned block = 256;
  const auto grid = static_cast<unsigned>(ceil_div<std::int64_t>(rows * half, block));
  with_element(dtype, [&](auto element) {
    using T = decltype(element);
    launch("fill_cos_sin", cos_sin_kernel<T>, grid, block, stream, static_cast<T*>(cos_sin),
           rows * half, half, std::log2(theta));
  });
}

std::vector<double> rotary_reference(std::span<const double> head,
                                     std::span<const double> cos_sin) {
  const std::size_t half = head.size() / 2;
  std::vector<double> out(head.size());
  for (std::size_t i = 0; i < half; ++i) {
    const double cosine = cos_sin[i];
    const double sine = cos_sin[half + i];
    out[i] = head[i] * cosine - head[half + i] * sine;
    out[half + i] = head[half + i] * cosine + head[i] * sine;
  }
  return out;
}

std::vector<double> cos_sin_reference(std::int64_t position, int head_dim, double theta) {
  const int half = head_dim / 2;
  std::vector<double> row(static_cast<std::size_t>(head_dim));
  for (int i = 0; i < half; ++i) {
    const double angle = static_cast<double>(position) * std::pow(theta, -2.0 * i / head_dim);
    row[static_cast<std::size_t>(i)] = std::cos(angle);
    row[static_cast<std::size_t>(half + i)] = std::sin(angle);
  }
  return row;
}

}  // namespace perfgate
