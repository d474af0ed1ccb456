// SPDX-License-Identifier: Apache-2.0
// Problem: normalise B rows of a few thousand elements; a row has 8 to 16 KB at decode, so only
// latency counts: launch, one load, one reduction, one store.
// Design: a row is read once, into registers, and the weight, the only tensor that is not in the L2
// at decode, is requested before everything else. The residual is added by two elements per
// instruction, in its own type: a sum of two is rounded once either way.
// Few rows: each thread has one pack, because several packs of a thread wait for each other. Many
// rows: at most 256 threads have up to eight packs each, with several blocks on an SM, so that some
// load while others reduce; rows of 512 packs have two a thread on an H100 and four on an H200
// (2048 x 4096: 17.8 instead of 18.2 us, 2026-11-29). There is one __syncthreads, because each warp
// adds up the partial sums itself. Tried and rejected (H100 80GB HBM3, 2026-11-25): a cluster of
// eight blocks per row, which adds up through distributed shared memory: 1.82 us instead of 1.60
// for 1 x 4096. Its barriers cost more than seven more SMs save. On an H200 (2048 x 4096): a warp a
// row without a barrier, the next row's loads before this one's reduction, a ring in shared memory,
// hints to evict first or last. Limited by: latency (load, reduce, store) at decode batches; HBM
// bandwidth from about a thousand rows.
#include <cmath>
#include <stdexcept>

#include "kernels/cuda/host_values.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/memory_kind.h"
#include "kernels/cuda/overlap.cuh"
#include "kernels/cuda/pack.cuh"
#include "kernels/ops/rms_norm.h"

namespace perfgate {

/// The most threads of a block, by the packs that each of them holds.
template <int packs_per_thread>
inline constexpr int norm_threads = packs_per_thread == 1 ? 1024 : 256;

__device__ inline float warp_sum(float value) {
#pragma unroll
  for (unsigned lanes = 16; lanes > 0; lanes /= 2)
    value += __shfl_xor_sync(0xffffffffu, value, lanes);
  return value;
}

__device__ inline float block_sum(float value) {
  __shared__ float partial[32];
  const unsigned lane = threadIdx.x % 32;
  value = warp_sum(value);
  if (lane == 0) partial[threadIdx.x / 32] = value;
  __syncthreads();
  return warp_sum(lane < blockDim.x / 32 ? partial[lane] : 0.0f);
}

/// `in` and `out` are the same buffer when fused; each element is read and written by one thread.
/// Each block takes one row of `packs`.
template <class T, int packs_per_thread, bool fused>
__global__ void __launch_bounds__(norm_threads<packs_per_thread>)
    rms_norm_kernel(const uint4* in, uint4* residual, const uint4* weight, uint4* out, int packs,
                    float inverse_columns, float eps) {
  let_next_start();
  const std::int64_t begin = static_cast<std::int64_t>(blockIdx.x) * packs;
  uint4 scales[packs_per_thread];
#pragma unroll
  for (int p = 0; p < packs_per_thread; ++p) {
    const int i = static_cast<int>(threadIdx.x + p * blockDim.x);
    scales[p] = i < packs ? __ldg(weight + i) : make_uint4(0, 0, 0, 0);
  }
  wait_for_previous();
  uint4 raw[packs_per_thread];
  uint4 added[packs_per_thread];
#pragma unroll
  for (int p = 0; p < packs_per_thread; ++p) {
    const int i = static_cast<int>(threadIdx.x + p * blockDim.x);
    raw[p] = added[p] = make_uint4(0, 0, 0, 0);
    if (i >= packs) continue;
    raw[p] = in[begin + i];
    if constexpr (fused) added[p] = residual[begin + i];
  }

  float x[packs_per_thread][pack_elements];
  float squares = 0;
#pragma unroll
  for (int p = 0; p < packs_per_thread; ++p) {
    const int i = static_cast<int>(threadIdx.x + p * blockDim.x);
    if constexpr (fused) {
      raw[p] = add_packs<T>(raw[p], added[p]);
      if (i < packs) residual[begin + i] = raw[p];
    }
    unpack<T>(raw[p], x[p]);  // normalises the values that the residual holds
#pragma unroll
    for (int e = 0; e < pack_elements; ++e) squares += x[p][e] * x[p][e];
  }

  const float scale = rsqrtf(block_sum(squares) * inverse_columns + eps);
#pragma unroll
  for (int p = 0; p < packs_per_thread; ++p) {
    const int i = static_cast<int>(threadIdx.x + p * blockDim.x);
    float w[pack_elements];
    unpack<T>(scales[p], w);
#pragma unroll
    for (int e = 0; e < pack_elements; ++e) w[e] *= x[p][e] * scale;
    if (i < packs) out[begin + i] = pack<T>(w);
  }
}

template <class T, bool fused>
void launch_norm(const void* in, void* residual, const void* weight, void* out,
                 const NormShape& shape, const Queue& queue) {
  static const int sms = sm_count();
  static const bool has_hbm3e = memory_bytes_per_s() >= hbm3e_bytes_per_s;
  const int packs = shape.columns / pack_elements;
  if (shape.columns <= 0 || shape.columns % pack_elements != 0 || packs > 8 * norm_threads<8>)
    throw std::invalid_argument("rms_norm: columns must be a multiple of 8, at most 16384");
  const auto run = [&](auto kernel, int packs_of_thread) {
    const int threads = ceil_div(ceil_div(packs, packs_of_thread), 32) * 32;
    launch(fused ? "fused_add_rms_norm" : "rms_norm", kernel, static_cast<unsigned>(shape.rows),
           static_cast<unsigned>(threads), queue, static_cast<const uint4*>(in),
           static_cast<uint4*>(residual), static_cast<const uint4*>(weight),
           static_cast<uint4*>(out), packs, 1.0f / static_cast<float>(shape.columns), shape.eps);
  };
  const bool few = shape.rows <= sms;
  if (packs <= norm_threads<2> || (few && packs <= norm_threads<1>))
    run(rms_norm_kernel<T, 1, fused>, 1);
  else if (packs <= 2 * norm_threads<2> && !has_hbm3e)
    run(rms_norm_kernel<T, 2, fused>, 2);
  else if (packs <= 4 * norm_threads<4>)
    run(rms_norm_kernel<T, 4, fused>, 4);
  else
    run(rms_norm_kernel<T, 8, fused>, 8);
}

void rms_norm(DType dtype, const void* in, const void* weight, void* out, const NormShape& shape,
              const Queue& queue) {
  with_element(dtype, [&](auto element) {
    launch_norm<decltype(element), false>(in, nullptr, weight, out, shape, queue);
  });
}

void fused_add_rms_norm(DType dtype, void* hidden, void* residual, const void* weight,
                        const NormShape& shape, const Queue& queue) {
  with_element(dtype, [&](auto element) {
    launch_norm<decltype(element), true>(hidden, residual, weight, hidden, shape, queue);
  });
}

std::vector<double> rms_norm_reference(std::span<const double> row, std::span<const double> weight,
                                       double eps) {
  double squares = 0;
  for (double x : row) squares += x * x;
  const double scale = 1 / std::sqrt(squares / static_cast<double>(row.size()) + eps);
  std::vector<double> out(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) out[i] = row[i] * scale * weight[i];
  return out;
}

FusedNormRow fused_add_rms_norm_reference(DType dtype, std::span<const double> hidden,
                                          std::span<const double> residual,
                                          std::span<const double> weight, double eps) {
  FusedNormRow row;
  row.residual.resize(hidden.size());
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    row.residual[i] = round_to(dtype, hidden[i] + residual[i]);
  }
  row.hidden = rms_norm_reference(row.residual, weight, eps);
  return row;
}

}  // namespace perfgate
