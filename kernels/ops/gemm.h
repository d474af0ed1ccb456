// SPDX-License-Identifier: Apache-2.0
// The four projections of a layer: out[M,N] = in[M,K] * weight[N,K]^T, by our own kernels or by
// cuBLASLt.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "gate/decode/layer_model.h"
#include "kernels/cuda/queue.h"
#include "kernels/ops/cublas_gemm.h"
#include "kernels/ops/gemm_variants.h"

namespace perfgate {

/// What the choice of a variant depends on, of the current device. Throws DeviceError.
GemmDevice gemm_device();

/// One GEMM shape and the variant that computes it (choose_variant()).
class GemmPlan {
 public:
  /// `handle` must outlive this object. Throws DeviceError when cuBLASLt has no algorithm,
  /// UsageError as choose_variant() does.
  GemmPlan(cublasLtHandle_t handle, DType dtype, const GemmShape& shape,
           const GemmSelection& selection);

  const GemmVariant& variant() const { return *m_variant; }
  bool is_own() const { return m_variant->kernel != GemmKernel::cublas; }

  /// Matrices are row-major and dense, and all pointers are aligned to 256 bytes; `workspace` has
  /// gemm_workspace_bytes.
  void run(const GemmOperands& of, void* workspace, const Queue& queue) const;

 private:
  DType m_dtype;
  GemmShape m_shape;
  const GemmVariant* m_variant;
  std::optional<CublasGemm> m_cublas;  ///< empty: one of our own kernels runs
};

/// in: [rows, k], weight: [columns, k]; both may be samples of a larger matrix's rows. Returns
/// [rows, columns].
std::vector<double> gemm_reference(std::span<const double> in, std::span<const double> weight,
                                   std::size_t k);

}  // namespace perfgate
