// SPDX-License-Identifier: Apache-2.0
// Problem: two loads, one exponential and one store per element; 29 to 114 KB per token at decode.
// Design: the block's two coordinates are the row and a part of it, so no thread divides.
// Few elements: each thread has two. An exponential and a reciprocal go through a unit that takes 8
// cycles for a warp, so with eight elements per thread a warp waits 128 cycles for it, while the
// units of other SMs idle.
// Many elements: each thread has two packs of 8. All four loads are requested before anything is
// computed. On an H100 they go past the L1, where they would not be read again; on an H200 loads by
// way of the L1 are faster (2048 x 14336: 41.9 instead of 43.9 us, 2026-11-29).
// Tried there and not better: 1 and 4 packs, other blocks, hints to evict first or last, blocks
// that stay, and a ring in shared memory that is filled in bulk. Limited by: launch and load
// latency at decode; HBM bandwidth at prefill (it reads what gate_up_proj just wrote, so L2 serves
// it as long as it fits).
#include <cmath>
#include <stdexcept>

#include "kernels/cuda/launch.h"
#include "kernels/cuda/memory_kind.h"
#include "kernels/cuda/overlap.cuh"
#include "kernels/cuda/pack.cuh"
#include "kernels/cuda/ptx.cuh"
#include "kernels/ops/silu_mul.h"

namespace perfgate {

inline constexpr unsigned silu_threads = 128;
inline constexpr int silu_packs = 2;  // per thread, with many elements

__device__ __forceinline__ float gated(float gate, float up) {
  return up * __fdividef(gate, 1.0f + __expf(-gate));
}

/// Each thread takes one pair of elements; a row of `out` has `row_pairs`.
template <class T>
__global__ void __launch_bounds__(silu_threads)
    silu_mul_few_kernel(const unsigned* gate_up, unsigned* out, unsigned row_pairs) {
  let_next_start();
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= row_pairs) return;
  const unsigned* gate_pair = gate_up + static_cast<std::int64_t>(blockIdx.y) * 2 * row_pairs + i;
  wait_for_previous();
  const float2 gate = unpack_pair<T>(gate_pair[0]);
  const float2 up = unpack_pair<T>(gate_pair[row_pairs]);
  out[static_cast<std::int64_t>(blockIdx.y) * row_pairs + i] =
      pack_pair<T>(gated(gate.x, up.x), gated(gate.y, up.y));
}

template <class T, bool past_l1>
__global__ void __launch_bounds__(silu_threads)
    silu_mul_kernel(const uint4* gate_up, uint4* out, unsigned row_packs) {
  let_next_start();
  const unsigned first = blockIdx.x * blockDim.x * silu_packs + threadIdx.x;
  const uint4* row = gate_up + static_cast<std::int64_t>(blockIdx.y) * 2 * row_packs;
  wait_for_previous();
  uint4 gates[silu_packs], ups[silu_packs];
#pragma unroll
  for (int p = 0; p < silu_packs; ++p) {
    const unsigned i = first + p * blockDim.x;
    if (i >= row_packs) continue;
    gates[p] = past_l1 ? load_once(row + i) : row[i];
    ups[p] = past_l1 ? load_once(row + row_packs + i) : row[row_packs + i];
  }
#pragma unroll
  for (int p = 0; p < silu_packs; ++p) {
    const unsigned i = first + p * blockDim.x;
    if (i >= row_packs) continue;
    float gate[pack_elements], up[pack_elements];
    unpack<T>(gates[p], gate);
    unpack<T>(ups[p], up);
#pragma unroll
    for (int e = 0; e < pack_elements; ++e) up[e] = gated(gate[e], up[e]);
    out[static_cast<std::int64_t>(blockIdx.y) * row_packs + i] = pack<T>(up);
  }
}

void silu_mul(DType dtype, const void* gate_up, void* out, int rows, int columns,
              const Queue& queue) {
  if (columns % pack_elements != 0) {
    throw std::invalid_argument("silu_mul: columns must be a multiple of 8");
  }
  const auto y = static_cast<unsigned>(rows);
  const auto row_packs = static_cast<unsigned>(columns / pack_elements);
  const unsigned row_pairs = row_packs * pack_elements / 2;
  // Elements are few as long as all blocks run at once: half of the threads that an SM holds.
  static const auto few_pairs = static_cast<unsigned>(sm_count()) * 1024;
  with_element(dtype, [&](auto element) {
    using T = decltype(element);
    if (y * row_pairs <= few_pairs) {
      const Grid grid{ceil_div(row_pairs, silu_threads), y};
      launch("silu_mul", silu_mul_few_kernel<T>, grid, silu_threads, queue,
             static_cast<const unsigned*>(gate_up), static_cast<unsigned*>(out), row_pairs);
    } else {
      const Grid grid{ceil_div(row_packs, silu_threads * silu_packs), y};
      static const bool past_l1 = memory_bytes_per_s() < hbm3e_bytes_per_s;
      launch("silu_mul", past_l1 ? silu_mul_kernel<T, true> : silu_mul_kernel<T, false>, grid,
             silu_threads, queue, static_cast<const uint4*>(gate_up), static_cast<uint4*>(out),
             row_packs);
    }
  });
}

std::vector<double> silu_mul_reference(std::span<const double> gate_up) {
  const std::size_t columns = gate_up.size() / 2;
  std::vector<double> out(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    out[i] = gate_up[i] / (1 + std::exp(-gate_up[i])) * gate_up[columns + i];
  }
  return out;
}

}  // namespace perfgate
