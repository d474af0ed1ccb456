// SPDX-License-Identifier: Apache-2.0
// Problem: measure the two roofs of a GPU, HBM reads and fp32 arithmetic, with kernels so plain
// that nothing but the machine can change their speed.
// Design, read_stream: as many blocks as are resident at once, each thread with eight 16-byte loads
// in flight (128 KB per SM, four times what Little's law asks for). A block reads 32 KB in one
// piece and then strides over the grid, so that all blocks walk through memory together. It only
// reads, because a copy's write turnarounds make it slower than any kernel that only reads.
// Design, fma_loop: one block of 1024 threads per SM, with eight independent chains per thread: so
// a scheduler has 64 independent FMAs, where a latency of 4 cycles needs 4. Each chain converges to
// a fixed point, so the values stay ordinary.
// Limited by: read_stream by HBM bandwidth, fma_loop by the FMA pipe; both by power, on boards at
// their cap.
#include "kernels/sentinels/sentinels.h"

#include "kernels/cuda/launch.h"
#include "kernels/cuda/ptx.cuh"

namespace perfgate {

inline constexpr int read_threads = 256;
inline constexpr int read_blocks_per_sm = 4;
inline constexpr int read_loads = 8;
inline constexpr int fma_threads = 1024;
inline constexpr int fma_chains = 8;
inline constexpr int fma_unroll = 16;

__global__ void __launch_bounds__(read_threads, read_blocks_per_sm)
    read_stream_kernel(const uint4* data, std::int64_t packs, std::uint32_t* sink) {
  constexpr std::int64_t chunk = read_threads * read_loads;
  const std::int64_t stride = chunk * gridDim.x;
  std::uint32_t sum = 0;
  std::int64_t first = chunk * blockIdx.x;
#pragma unroll 1  // eight loads are enough; twice as many would spill
  for (; first + chunk <= packs; first += stride) {
    uint4 bits[read_loads];
#pragma unroll
    for (int i = 0; i < read_loads; ++i) {
      bits[i] = load_once(data + first + i * read_threads + threadIdx.x);
    }
#pragma unroll
    for (int i = 0; i < read_loads; ++i) sum += bits[i].x ^ bits[i].y ^ bits[i].z ^ bits[i].w;
  }
#pragma unroll 1
  for (std::int64_t i = first + threadIdx.x; i < packs && i < first + chunk; i += read_threads) {
    const uint4 bits = load_once(data + i);
    sum += bits.x ^ bits.y ^ bits.z ^ bits.w;
  }
  // The compiler can't know when this holds, so it must read everything.
  if (sum == 0x9e3779b9u) *sink = sum;
}

__global__ void __launch_bounds__(fma_threads)
    fma_loop_kernel(int iterations, float factor, float term, float* sink) {
  float chains[fma_chains];
#pragma unroll
  for (int c = 0; c < fma_chains; ++c) chains[c] = static_cast<float>(threadIdx.x + c);
  for (int i = 0; i < iterations; ++i) {
#pragma unroll
    for (int u = 0; u < fma_unroll; ++u) {
#pragma unroll
      for (int c = 0; c < fma_chains; ++c) chains[c] = fmaf(chains[c], factor, term);
    }
  }
  float sum = 0;
#pragma unroll
  for (int c = 0; c < fma_chains; ++c) sum += chains[c];
  if (sum == -1.0f) *sink = sum;
}

void read_stream(const void* data, std::size_t bytes, std::uint32_t* sink, cudaStream_t stream) {
  const auto packs = static_cast<std::int64_t>(bytes / sizeof(uint4));
  const auto grid = static_cast<unsigned>(sm_count() * read_blocks_per_sm);
  launch("read_stream", read_stream_kernel, grid, read_threads, stream,
         static_cast<const uint4*>(data), packs, sink);
}

void fma_loop(int iterations, float* sink, cudaStream_t stream) {
  launch("fma_loop", fma_loop_kernel, static_cast<unsigned>(sm_count()), fma_threads, stream,
         iterations, 0.999f, 0.001f, sink);
}

double fma_loop_flops(int iterations, int sms) {
  return 2.0 * iterations * fma_unroll * fma_chains * fma_threads * sms;
}

}  // namespace perfgate
