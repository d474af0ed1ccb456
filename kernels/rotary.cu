// Problem: rotate the pairs (x[i], x[i + d/2]) of every q and k head of B tokens: 16 KB a token,
// with the angles looked up by position.
// Design: q and k lie next to each other in a qkv row, so they are query_heads + kv_heads heads at
// one stride and one launch serves both. A thread owns 8 pairs: four 16-byte loads that do not
// depend on each other (two of them wait for the position), fp32 arithmetic, two stores. Small
// blocks spread a small batch over more SMs.
// Limited by: latency (position, then cosines, then store) at decode; HBM bandwidth at prefill.
#include <cmath>
#include <stdexcept>

#include "kernels/launch.h"
#include "kernels/overlap.cuh"
#include "kernels/pack.cuh"
#include "kernels/rotary.h"

namespace perfgate {

/// Sizes in packs of 8 elements. `half` is a half head: threads a head, and a pair's distance.
template <class T>
__global__ void __launch_bounds__(128)
    rotary_kernel(uint4* qkv, const std::int64_t* positions, const uint4* cos_sin, unsigned threads,
                  unsigned heads, unsigned half, unsigned row_packs) {
  let_next_start();
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= threads) return;
  const unsigned lane = i % half;
  const unsigned token = i / half / heads;
  const unsigned head = i / half % heads;
  uint4* first = qkv + static_cast<std::int64_t>(token) * row_packs + head * 2 * half + lane;
  uint4* second = first + half;
  const uint4* angles = cos_sin + positions[token] * 2 * half + lane;

  float x[pack_elements], y[pack_elements], cosine[pack_elements], sine[pack_elements];
  unpack<T>(__ldg(angles), cosine);
  unpack<T>(__ldg(angles + half), sine);
  wait_for_previous();
  unpack<T>(*first, x);
  unpack<T>(*second, y);
#pragma unroll
  for (int e = 0; e < pack_elements; ++e) {
    const float rotated = x[e] * cosine[e] - y[e] * sine[e];
    y[e] = y[e] * cosine[e] + x[e] * sine[e];
    x[e] = rotated;
  }
  *first = pack<T>(x);
  *second = pack<T>(y);
}

/// Once per process, so in double: an angle of position 131071 has lost 17 bits in fp32.
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
            const HeadsShape& shape, const Queue& queue) {
  if (shape.head_dim % (2 * pack_elements) != 0) {
    throw std::invalid_argument("rotary: head_dim must be a multiple of 16");
  }
  const auto half = static_cast<unsigned>(shape.head_dim / 2 / pack_elements);
  const auto heads = static_cast<unsigned>(shape.query_heads + shape.kv_heads);
  const unsigned row_packs = (heads + static_cast<unsigned>(shape.kv_heads)) * 2 * half;
  const unsigned threads = static_cast<unsigned>(shape.batch) * heads * half;
  constexpr unsigned block = 128;
  with_element(dtype, [&](auto element) {
    launch("rotary", rotary_kernel<decltype(element)>, ceil_div(threads, block), block, queue,
           static_cast<uint4*>(qkv), positions, static_cast<const uint4*>(cos_sin), threads, heads,
           half, row_packs);
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
