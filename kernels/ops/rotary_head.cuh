// SPDX-License-Identifier: Apache-2.0
// What a thread of rotary.cu does with a head. Eight threads share its 128 elements; each owns the
// pairs (x[i], x[i + 64]) of eight i, which are packs `lane` and `lane + 8`.
#pragma once

#include <cstdint>

#include "kernels/cuda/pack.cuh"
#include "kernels/ops/attention.h"

namespace perfgate {

inline constexpr unsigned head_packs = attention_head_dim / pack_elements;
inline constexpr unsigned head_lanes = head_packs / 2;  ///< threads per head, and a pair's distance

/// Sizes in packs of 8 elements.
struct RotaryTask {
  uint4* qkv;
  const std::int64_t* positions;
  const uint4* cos_sin;
  const uint4* bias;
  const uint4* q_norm;
  const uint4* k_norm;
  float norm_eps;
  unsigned query_heads;
  unsigned kv_heads;
};

/// The two packs of one head that belong to a lane.
struct LanePacks {
  uint4 first, second;
};

/// Loads what no kernel of the step writes.
__device__ __forceinline__ LanePacks load_constant(const uint4* first) {
  return {__ldg(first), __ldg(first + head_lanes)};
}

/// The weights that a lane needs for one head; empty where a model has neither.
struct LaneWeights {
  LanePacks bias, norm;
};

template <bool has_bias, bool has_norm>
__device__ __forceinline__ LaneWeights load_weights(const RotaryTask& task, unsigned head,
                                                    unsigned lane) {
  LaneWeights weights{};
  if constexpr (has_bias) weights.bias = load_constant(task.bias + head * head_packs + lane);
  if constexpr (has_norm)
    weights.norm = load_constant((head < task.query_heads ? task.q_norm : task.k_norm) + lane);
  return weights;
}

template <class T>
__device__ __forceinline__ void add_pack(float (&x)[pack_elements], const uint4& bits) {
  float other[pack_elements];
  unpack<T>(bits, other);
#pragma unroll
  for (int e = 0; e < pack_elements; ++e) x[e] += other[e];
}

template <class T>
__device__ __forceinline__ void scale_by_pack(float (&x)[pack_elements], const uint4& bits,
                                              float scale) {
  float other[pack_elements];
  unpack<T>(bits, other);
#pragma unroll
  for (int e = 0; e < pack_elements; ++e) x[e] *= scale * other[e];
}

/// The RMS norm over the head's eight lanes, which must all call it.
template <class T>
__device__ __forceinline__ void normalise(float (&x)[pack_elements], float (&y)[pack_elements],
                                          const LanePacks& weight, float eps) {
  float squares = 0;
#pragma unroll
  for (int e = 0; e < pack_elements; ++e) squares += x[e] * x[e] + y[e] * y[e];
  const unsigned together = ((1u << head_lanes) - 1)
                            << (threadIdx.x % 32 / head_lanes * head_lanes);
#pragma unroll
  for (unsigned lanes = head_lanes / 2; lanes > 0; lanes /= 2)
    squares += __shfl_xor_sync(together, squares, lanes);
  const float scale = rsqrtf(squares * (1.0f / attention_head_dim) + eps);
  scale_by_pack<T>(x, weight.first, scale);
  scale_by_pack<T>(y, weight.second, scale);
}

/// `angles` has the cosines of the lane's pairs, then their sines. Computes in fp32 and rounds
/// once.
template <class T, bool has_bias, bool has_norm>
__device__ __forceinline__ LanePacks rotated(const LanePacks& head, const LanePacks& angles,
                                             const LaneWeights& weights, float norm_eps) {
  float x[pack_elements], y[pack_elements], cosine[pack_elements], sine[pack_elements];
  unpack<T>(head.first, x);
  unpack<T>(head.second, y);
  if constexpr (has_bias) {
    add_pack<T>(x, weights.bias.first);
    add_pack<T>(y, weights.bias.second);
  }
  if constexpr (has_norm) normalise<T>(x, y, weights.norm, norm_eps);
  unpack<T>(angles.first, cosine);
  unpack<T>(angles.second, sine);
#pragma unroll
  for (int e = 0; e < pack_elements; ++e) {
    const float first = x[e] * cosine[e] - y[e] * sine[e];
    y[e] = y[e] * cosine[e] + x[e] * sine[e];
    x[e] = first;
  }
  return {pack<T>(x), pack<T>(y)};
}

}  // namespace perfgate
