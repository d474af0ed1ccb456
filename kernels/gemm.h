// The four projections of a layer: out[M,N] = in[M,K] * weight[N,K]^T through cuBLASLt.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "gate/model.h"

namespace perfgate {

/// Scratch memory that every GEMM of a step shares; they run one after the other on one stream.
inline constexpr std::size_t gemm_workspace_bytes = std::size_t{32} << 20;

/// A cuBLASLt object that is destroyed with its owner.
template <class Object, auto destroy>
struct CublasDestroy {
  void operator()(Object* object) const { destroy(object); }
};
template <class Handle, auto destroy>
using CublasOwner = std::unique_ptr<std::remove_pointer_t<Handle>,
                                    CublasDestroy<std::remove_pointer_t<Handle>, destroy>>;

using CublasLt = CublasOwner<cublasLtHandle_t, cublasLtDestroy>;
CublasLt create_cublas_lt();

/// How one GEMM shape is computed. The algorithm is the heuristic's first pick for pointers aligned
/// to 256 bytes: a function of shape, GPU and library alone, so every process runs the same one.
class GemmPlan {
 public:
  /// `handle` must outlive the plan. Throws DeviceError when cuBLASLt has no algorithm.
  GemmPlan(cublasLtHandle_t handle, DType dtype, const GemmShape& shape);

  /// Row-major, dense; all pointers aligned to 256 bytes, `workspace` of gemm_workspace_bytes.
  void run(const void* in, const void* weight, void* out, void* workspace,
           cudaStream_t stream) const;

 private:
  using MatmulDesc = CublasOwner<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>;
  using Layout = CublasOwner<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>;

  cublasLtHandle_t m_handle;
  MatmulDesc m_desc;
  Layout m_weight, m_in, m_out;
  cublasLtMatmulAlgo_t m_algo;
};

/// in: [rows, k], weight: [columns, k], both possibly a sample of a larger matrix's rows; returns
/// [rows, columns].
std::vector<double> gemm_reference(std::span<const double> in, std::span<const double> weight,
                                   std::size_t k);

}  // namespace perfgate
