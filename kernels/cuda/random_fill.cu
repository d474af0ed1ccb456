// SPDX-License-Identifier: Apache-2.0
// Problem: weights and KV caches of tens of gigabytes must hold plausible, reproducible values
// before the first step, without passing over PCIe. Zeros or constants would be enough for
// durations alone on some GPUs, but they draw less power and so run at a higher clock than real
// data.
// Design: each value is a hash of (seed, index): one 64-bit mix gives two elements, one thread
// writes eight of them as 16 bytes. The normal is a sum of four bytes (Irwin-Hall, |z| < 3.5): no
// logarithm, no sine.
// Limited by: the hash's 64-bit integer multiplications.
#include "kernels/cuda/random_fill.h"

#include <stdexcept>

#include "kernels/cuda/hash.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/pack.cuh"

namespace perfgate {

/// Turns 32 random bits into z. Both shapes give odd multiples of half a step, hence never zero,
/// and are symmetric about zero.
__host__ __device__ inline float shape_bits(Fill::Shape shape, std::uint32_t bits) {
  if (shape == Fill::Shape::uniform) {
    return (static_cast<float>(bits >> 16) - 32767.5f) * (1.0f / 32768.0f);
  }
  const std::uint32_t halves = (bits & 0x00ff00ffu) + ((bits >> 8) & 0x00ff00ffu);
  const std::uint32_t sum = (halves & 0xffffu) + (halves >> 16);  // 0 to 1020, mean 510
  // 2 sum + one bit has mean 1020.5 and standard deviation sqrt(4 * 4 * (256^2 - 1) / 12 + 128).
  return (static_cast<float>(2 * sum + (bits >> 31)) - 1020.5f) * (1.0f / 295.82f);
}

__global__ void __launch_bounds__(256)
    random_fill_kernel(uint4* data, std::int64_t packs, Fill fill, std::uint64_t key,
                       std::uint64_t first_pack, bool bf16) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= packs) return;
  float values[pack_elements];
#pragma unroll
  for (int pair = 0; pair < 4; ++pair) {
    const std::uint64_t bits = mix64(key + (first_pack + i) * 4 + pair);
    values[2 * pair] = fill.mean + fill.scale * shape_bits(fill.shape, bits & 0xffffffffu);
    values[2 * pair + 1] = fill.mean + fill.scale * shape_bits(fill.shape, bits >> 32);
  }
  data[i] = bf16 ? pack<__nv_bfloat16>(values) : pack<__half>(values);
}

void random_fill(DType dtype, void* data, std::int64_t count, const Fill& fill, std::uint64_t seed,
                 std::uint64_t offset, cudaStream_t stream) {
  if (count % pack_elements != 0 || offset % pack_elements != 0) {
    throw std::invalid_argument("random_fill: count and offset must be multiples of 8");
  }
  const std::int64_t packs = count / pack_elements;
  constexpr unsigned threads = 256;
  const auto grid = static_cast<unsigned>(ceil_div<std::int64_t>(packs, threads));
  launch("random_fill_kernel", random_fill_kernel, grid, threads, stream, static_cast<uint4*>(data),
         packs, fill, mix64(seed), offset / pack_elements, dtype == DType::bf16);
}

}  // namespace perfgate
