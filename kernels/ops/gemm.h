// SPDX-License-Identifier: Apache-2.0
// The four projections of a layer: out[M,N] = in[M,K] * weight[N,K]^T, by our own kernels or by
// cuBLASLt.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "gate/decode/layer_model.h"
#include "kernels/cuda/queue.h"
#include "kernels/ops/cublas_gemm.h"

namespace perfgate {

/// Chooses the kernel for one GEMM shape. The choice depends on shape, GPU and backend alone, so it
/// is the same in every process. GemmBackend::automatic takes one of our own kernels where it was
/// measured to be faster (up to batch 64 on compute capability 9.0), and cuBLASLt's first pick
/// elsewhere.
class GemmPlan {
 public:
  /// `handle` must outlive this object. Throws DeviceError when cuBLASLt has no algorithm,
  /// UsageError when our own kernels are asked for and none takes the shape.
  GemmPlan(cublasLtHandle_t handle, DType dtype, const GemmShape& shape, GemmBackend backend);

  bool is_own() const { return !m_cublas.has_value(); }

  /// Matrices are row-major and dense, and all pointers are aligned to 256 bytes; `workspace` has
  /// gemm_workspace_bytes.
  void run(const void* in, const void* weight, void* out, void* workspace,
           const Queue& queue) const;

 private:
  DType m_dtype;
  GemmShape m_shape;
  bool m_tma = false;                  ///< of our own kernels tma_gemm, not skinny_gemm
  std::optional<CublasGemm> m_cublas;  ///< empty: one of our own kernels runs
};

/// in: [rows, k], weight: [columns, k]; both may be samples of a larger matrix's rows. Returns
/// [rows, columns].
std::vector<double> gemm_reference(std::span<const double> in, std::span<const double> weight,
                                   std::size_t k);

}  // namespace perfgate
