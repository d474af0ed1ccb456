// SPDX-License-Identifier: Apache-2.0
// Packs of eight 16-bit elements: every operator loads and stores 16 bytes per thread and computes
// in fp32.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstring>
#include <type_traits>

#include "gate/decode/dtype.h"

namespace perfgate {

inline constexpr int pack_elements = 8;

/// Calls `launch` with a value of the element type that `dtype` names.
template <class Launch>
void with_element(DType dtype, Launch&& launch) {
  if (dtype == DType::fp16) {
    launch(__half{});
  } else {
    launch(__nv_bfloat16{});
  }
}

template <class T>
struct PairOf;
template <>
struct PairOf<__half> {
  using type = __half2;
};
template <>
struct PairOf<__nv_bfloat16> {
  using type = __nv_bfloat162;
};

__device__ inline float2 pair_to_floats(__half2 pair) {
  return __half22float2(pair);
}
__device__ inline float2 pair_to_floats(__nv_bfloat162 pair) {
  return __bfloat1622float2(pair);
}

/// Two floats, rounded to nearest, in one register; `low` in the low half.
template <class T>
__device__ inline unsigned pack_pair(float low, float high) {
  typename PairOf<T>::type pair;
  if constexpr (std::is_same_v<T, __half>) {
    pair = __floats2half2_rn(low, high);
  } else {
    pair = __floats2bfloat162_rn(low, high);
  }
  unsigned word;
  memcpy(&word, &pair, sizeof word);
  return word;
}

template <class T>
__device__ inline float2 unpack_pair(unsigned word) {
  typename PairOf<T>::type pair;
  memcpy(static_cast<void*>(&pair), &word, sizeof pair);
  return pair_to_floats(pair);
}

template <class T>
__device__ inline void unpack(const uint4& bits, float (&values)[pack_elements]) {
  const unsigned words[4] = {bits.x, bits.y, bits.z, bits.w};
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float2 floats = unpack_pair<T>(words[i]);
    values[2 * i] = floats.x;
    values[2 * i + 1] = floats.y;
  }
}

/// The sums of two packs, each rounded once.
template <class T>
__device__ inline uint4 add_packs(const uint4& a, const uint4& b) {
  using Pair = typename PairOf<T>::type;
  const unsigned words[2][4] = {{a.x, a.y, a.z, a.w}, {b.x, b.y, b.z, b.w}};
  unsigned sums[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    Pair left, right;
    memcpy(static_cast<void*>(&left), &words[0][i], sizeof left);
    memcpy(static_cast<void*>(&right), &words[1][i], sizeof right);
    const Pair sum = __hadd2(left, right);
    memcpy(&sums[i], &sum, sizeof sum);
  }
  return make_uint4(sums[0], sums[1], sums[2], sums[3]);
}

template <class T>
__device__ inline uint4 pack(const float (&values)[pack_elements]) {
  return make_uint4(pack_pair<T>(values[0], values[1]), pack_pair<T>(values[2], values[3]),
                    pack_pair<T>(values[4], values[5]), pack_pair<T>(values[6], values[7]));
}

}  // namespace perfgate
