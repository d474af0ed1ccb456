// SPDX-License-Identifier: Apache-2.0
#include "kernels/ops/gemm.h"

#include <fmt/format.h>

#include "gate/util/error.h"
#include "kernels/ops/skinny_gemm.h"
#include "kernels/ops/tma_gemm.h"

namespace perfgate {
namespace {

enum class Kernel { cublas, skinny, tma };

/// Returns one of our own kernels on compute capability 9.0, where they were measured against
/// cuBLASLt and were the faster ones in a layer of llama-2-7b and llama-3.1-8b (docs/results.md).
/// Up to 16 rows tma_gemm alone is faster in most shapes, but not in the layer: the kernels before
/// and after find little shared memory beside it.
Kernel faster_kernel(const GemmShape& shape) {
  constexpr std::int64_t skinny_rows = 16;
  if (!tma_gemm_runs_here()) return Kernel::cublas;
  if (shape.m <= skinny_rows) return skinny_gemm_takes(shape) ? Kernel::skinny : Kernel::cublas;
  return tma_gemm_takes(shape) ? Kernel::tma : Kernel::cublas;
}

Kernel choose_kernel(const GemmShape& shape, GemmBackend backend) {
  if (backend == GemmBackend::cublas) return Kernel::cublas;
  const Kernel faster = faster_kernel(shape);
  if (backend == GemmBackend::automatic || faster != Kernel::cublas) return faster;
  if (skinny_gemm_takes(shape)) return Kernel::skinny;
  if (tma_gemm_runs_here() && tma_gemm_takes(shape)) return Kernel::tma;
  throw UsageError(
      fmt::format("backend own: the GEMM of {} x {} x {} (batch, N, K) is none of ours: batch at "
                  "most {}, N a multiple of 32, K of 128, or, on compute capability 9.0, batch at "
                  "most {}, N a multiple of 8, K of 256; use --backend auto",
                  shape.m, shape.n, shape.k, skinny_most_rows, tma_most_rows));
}

}  // namespace

GemmPlan::GemmPlan(cublasLtHandle_t handle, DType dtype, const GemmShape& shape,
                   GemmBackend backend)
    : m_dtype(dtype), m_shape(shape) {
  const Kernel kernel = choose_kernel(shape, backend);
  m_tma = kernel == Kernel::tma;
  if (kernel == Kernel::cublas) m_cublas.emplace(handle, dtype, shape);
}

void GemmPlan::run(const void* in, const void* weight, void* out, void* workspace,
                   const Queue& queue) const {
  if (m_cublas)
    m_cublas->run(in, weight, out, workspace, queue.stream);
  else if (m_tma)
    tma_gemm(m_dtype, in, weight, out, m_shape, queue);
  else
    skinny_gemm(m_dtype, in, weight, out, m_shape, queue);
}

}  // namespace perfgate
