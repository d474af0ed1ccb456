// Problem: normalise B rows of a few thousand elements; 8 to 16 KB a row at decode, so nothing but
// latency: launch, one load, one reduction, one store.
// Design: one block a row. The row is read once, into registers: each thread holds one pack of 8
// (two for rows beyond 8192), and the weight is requested in the same breath, before the
// reduction needs anything. One __syncthreads: each warp re-reduces the partial sums itself.
// Limited by: latency (load, reduce, store) at decode batches, where most SMs have
// no row; HBM bandwidth from about a thousand rows.
#include <cmath>
#include <stdexcept>

#include "kernels/host_values.h"
#include "kernels/launch.h"
#include "kernels/overlap.cuh"
#include "kernels/pack.cuh"
#include "kernels/rms_norm.h"

namespace perfgate {

__device__ inline float warp_sum(float value) {
#pragma unroll
  for (int lanes = 16; lanes > 0; lanes /= 2) value += __shfl_xor_sync(0xffffffffu, value, lanes);
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
template <class T, int packs_per_thread, bool fused>
__global__ void __launch_bounds__(1024)
    rms_norm_kernel(const uint4* in, uint4* residual, const uint4* weight, uint4* out, int packs,
                    float eps) {
  let_next_start();
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * packs;
  uint4 raw[packs_per_thread];
  uint4 added[packs_per_thread];
  uint4 scales[packs_per_thread];
#pragma unroll
  for (int p = 0; p < packs_per_thread; ++p) {
    const int i = static_cast<int>(threadIdx.x + p * blockDim.x);
    scales[p] = i < packs ? __ldg(weight + i) : make_uint4(0, 0, 0, 0);
  }
  wait_for_previous();
#pragma unroll
  for (int p = 0; p < packs_per_thread; ++p) {
    const int i = static_cast<int>(threadIdx.x + p * blockDim.x);
    raw[p] = added[p] = make_uint4(0, 0, 0, 0);
    if (i >= packs) continue;
    raw[p] = in[row + i];
    if constexpr (fused) added[p] = residual[row + i];
  }

  float x[packs_per_thread][pack_elements];
  float squares = 0;
#pragma unroll
  for (int p = 0; p < packs_per_thread; ++p) {
    const int i = static_cast<int>(threadIdx.x + p * blockDim.x);
    unpack<T>(raw[p], x[p]);
    if constexpr (fused) {
      float r[pack_elements];
      unpack<T>(added[p], r);
#pragma unroll
      for (int e = 0; e < pack_elements; ++e) x[p][e] += r[e];
      const uint4 sum = pack<T>(x[p]);
      if (i < packs) residual[row + i] = sum;
      unpack<T>(sum, x[p]);  // what is normalised is what the residual holds
    }
#pragma unroll
    for (int e = 0; e < pack_elements; ++e) squares += x[p][e] * x[p][e];
  }

  const float columns = static_cast<float>(packs * pack_elements);
  const float scale = rsqrtf(block_sum(squares) / columns + eps);
#pragma unroll
  for (int p = 0; p < packs_per_thread; ++p) {
    const int i = static_cast<int>(threadIdx.x + p * blockDim.x);
    float w[pack_elements];
    unpack<T>(scales[p], w);
#pragma unroll
    for (int e = 0; e < pack_elements; ++e) w[e] *= x[p][e] * scale;
    if (i < packs) out[row + i] = pack<T>(w);
  }
}

template <class T, bool fused>
void launch_norm(const void* in, void* residual, const void* weight, void* out,
                 const NormShape& shape, const Queue& queue) {
  constexpr int max_threads = 1024;
  const int packs = shape.columns / pack_elements;
  const int packs_per_thread = ceil_div(packs, max_threads);
  if (shape.columns <= 0 || shape.columns % pack_elements != 0 || packs_per_thread > 2) {
    throw std::invalid_argument("rms_norm: columns must be a multiple of 8, at most 16384");
  }
  const auto kernel =
      packs_per_thread == 1 ? rms_norm_kernel<T, 1, fused> : rms_norm_kernel<T, 2, fused>;
  const int threads = ceil_div(ceil_div(packs, packs_per_thread), 32) * 32;
  launch(fused ? "fused_add_rms_norm" : "rms_norm", kernel, static_cast<unsigned>(shape.rows),
         static_cast<unsigned>(threads), queue, static_cast<const uint4*>(in),
         static_cast<uint4*>(residual), static_cast<const uint4*>(weight), static_cast<uint4*>(out),
         packs, shape.eps);
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
