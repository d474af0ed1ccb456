// Problem: normalise B rows of a few thousand elements; 8 to 16 KB a row at decode, so nothing but
// latency: launch, one load, one reduction, one store.
// Design: a row is read once, into registers, and the weight, the only tensor that is not in the L2
// at decode, is requested before everything else. The residual is added two elements an
// instruction, in its own type: a sum of two is rounded once either way.
// Few rows: one SM would have to move 40 KB through its one port to the L2 (64 bytes a cycle) and
// to issue the arithmetic of a whole row. So a cluster of eight blocks shares a row; every warp
// puts its partial sum into the memory of all eight, and one barrier of the cluster is the
// reduction. Many rows: one block a row, 256 threads with up to eight packs each, several blocks on
// an SM, so that some load while others reduce. One __syncthreads: each warp adds the partial sums
// up itself. Limited by: latency (load, reduce, store) at decode batches; HBM bandwidth from about
// a thousand rows.
#include <cmath>
#include <stdexcept>

#include "kernels/cluster.cuh"
#include "kernels/host_values.h"
#include "kernels/launch.h"
#include "kernels/overlap.cuh"
#include "kernels/pack.cuh"
#include "kernels/rms_norm.h"

namespace perfgate {

inline constexpr unsigned norm_threads = 256;
inline constexpr unsigned norm_warps = norm_threads / 32;
inline constexpr unsigned cluster_blocks = 8;
inline constexpr unsigned cluster_threads = 128;  // the partial sums of eight blocks fit a warp

/// Sums over groups of `width` neighbouring lanes.
template <unsigned width>
__device__ inline float lanes_sum(float value) {
#pragma unroll
  for (unsigned lanes = width / 2; lanes > 0; lanes /= 2)
    value += __shfl_xor_sync(0xffffffffu, value, lanes);
  return value;
}

__device__ inline float block_sum(float value) {
  __shared__ float partial[norm_warps];
  value = lanes_sum<32>(value);
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = value;
  __syncthreads();
  const unsigned warp = threadIdx.x % norm_warps;
  return lanes_sum<norm_warps>(warp < blockDim.x / 32 ? partial[warp] : 0.0f);
}

/// `part`: this block's place in its cluster. Between announce_start() and the end of the kernel.
__device__ inline float cluster_sum(float value, unsigned part) {
  __shared__ float partial[32];
  const unsigned lane = threadIdx.x % 32;
  const unsigned warps = blockDim.x / 32;
  value = lanes_sum<32>(value);
  wait_for_all_started();
  if (lane < cluster_blocks) put_remote(&partial[part * warps + threadIdx.x / 32], lane, value);
  __syncwarp();  // the barrier is for whole warps
  meet_cluster();
  return lanes_sum<32>(lane < cluster_blocks * warps ? partial[lane] : 0.0f);
}

/// `in` and `out` are the same buffer when fused; each element is read and written by one thread.
/// `packs`: of one block's part of a row; `parts` is 1 or cluster_blocks.
template <class T, int packs_per_thread, unsigned parts, bool fused>
__global__ void __launch_bounds__(norm_threads)
    rms_norm_kernel(const uint4* in, uint4* residual, const uint4* weight, uint4* out, int packs,
                    float inverse_columns, float eps) {
  let_next_start();
  if constexpr (parts > 1) announce_start();
  const unsigned part = blockIdx.x % parts;
  const std::int64_t begin = static_cast<std::int64_t>(blockIdx.x) * packs;  // parts lie in a row
  weight += part * packs;
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
    unpack<T>(raw[p], x[p]);  // what is normalised is what the residual holds
#pragma unroll
    for (int e = 0; e < pack_elements; ++e) squares += x[p][e] * x[p][e];
  }

  if constexpr (parts > 1)
    squares = cluster_sum(squares, part);
  else
    squares = block_sum(squares);
  const float scale = rsqrtf(squares * inverse_columns + eps);
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

/// Whether clusters of blocks share the rows: a shape that cuts evenly, and so few rows that each
/// block has an SM for itself.
template <class T, bool fused>
bool shares_rows(const NormShape& shape, int packs) {
  static const bool possible = is_for_hopper(rms_norm_kernel<T, 1, cluster_blocks, fused>);
  static const int sms = sm_count();
  constexpr int blocks = cluster_blocks;
  return possible && packs % blocks == 0 && packs / blocks <= static_cast<int>(cluster_threads) &&
         shape.rows * blocks <= sms;
}

template <class T, bool fused>
void launch_norm(const void* in, void* residual, const void* weight, void* out,
                 const NormShape& shape, const Queue& queue) {
  constexpr int most_packs = 8;
  const int packs = shape.columns / pack_elements;
  const int packs_per_thread = ceil_div(packs, static_cast<int>(norm_threads));
  if (shape.columns <= 0 || shape.columns % pack_elements != 0 || packs_per_thread > most_packs) {
    throw std::invalid_argument("rms_norm: columns must be a multiple of 8, at most 16384");
  }
  const auto run = [&](auto kernel, const Grid& grid, int packs_of_block, int packs_of_thread) {
    const int threads = ceil_div(ceil_div(packs_of_block, packs_of_thread), 32) * 32;
    launch(fused ? "fused_add_rms_norm" : "rms_norm", kernel, grid, static_cast<unsigned>(threads),
           queue, static_cast<const uint4*>(in), static_cast<uint4*>(residual),
           static_cast<const uint4*>(weight), static_cast<uint4*>(out), packs_of_block,
           1.0f / static_cast<float>(shape.columns), shape.eps);
  };
  const auto rows = static_cast<unsigned>(shape.rows);
  if (shares_rows<T, fused>(shape, packs)) {
    constexpr int blocks = cluster_blocks;
    run(rms_norm_kernel<T, 1, cluster_blocks, fused>, {rows * cluster_blocks, 1, cluster_blocks},
        packs / blocks, 1);
  } else if (packs_per_thread == 1) {
    run(rms_norm_kernel<T, 1, 1, fused>, rows, packs, 1);
  } else if (packs_per_thread == 2) {
    run(rms_norm_kernel<T, 2, 1, fused>, rows, packs, 2);
  } else if (packs_per_thread <= 4) {
    run(rms_norm_kernel<T, 4, 1, fused>, rows, packs, 4);
  } else {
    run(rms_norm_kernel<T, most_packs, 1, fused>, rows, packs, most_packs);
  }
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
