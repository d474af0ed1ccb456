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

/// Who computes one GEMM shape: a function of shape, GPU and choice alone, so that it is the same
/// one in every process. GemmBackend::automatic is one of our own kernels where it was measured to
/// be faster (up to batch 64 on compute capability 9.0), cuBLASLt's first pick elsewhere.
class GemmPlan {
 public:
  /// `handle` must outlive the plan. Throws DeviceError when cuBLASLt has no algorithm, UsageError
  /// when our own kernels are asked for and none takes the shape.
  GemmPlan(cublasLtHandle_t handle, DType dtype, const GemmShape& shape, GemmBackend backend);

  bool is_own() const { return !m_cublas.has_value(); }

  /// Row-major, dense; all pointers aligned to 256 bytes, `workspace` of gemm_workspace_bytes.
  void run(const void* in, const void* weight, void* out, void* workspace,
           const Queue& queue) const;

 private:
  DType m_dtype;
  GemmShape m_shape;
  bool m_tma = false;                  ///< tma_gemm, not skinny_gemm
  std::optional<CublasGemm> m_cublas;  ///< none: our own kernels
};

/// in: [rows, k], weight: [columns, k], both possibly a sample of a larger matrix's rows; returns
/// [rows, columns].
std::vector<double> gemm_reference(std::span<const double> in, std::span<const double> weight,
                                   std::size_t k);

}  // namespace perfgate
