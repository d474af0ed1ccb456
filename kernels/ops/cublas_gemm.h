// SPDX-License-Identifier: Apache-2.0
// GEMMs through cuBLASLt: out[M,N] = in[M,K] * weight[N,K]^T.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <vector>

#include "gate/decode/layer_model.h"

namespace perfgate {

/// The scratch memory that all GEMMs of a step share, because they run one after the other on one
/// stream.
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

/// A GEMM shape and the algorithms that cuBLASLt's heuristic offers for it, best guess first. They
/// depend on shape, GPU and library alone, so every process sees the same ones.
class CublasGemm {
 public:
  /// `handle` must outlive this object. Asks for `most` algorithms, for pointers aligned to 256
  /// bytes. Throws DeviceError when cuBLASLt has none.
  CublasGemm(cublasLtHandle_t handle, DType dtype, const GemmShape& shape, int most = 1);

  int algorithms() const { return static_cast<int>(m_algorithms.size()); }

  /// Matrices are row-major and dense, and all pointers are aligned to 256 bytes; `workspace` has
  /// gemm_workspace_bytes.
  void run(const void* in, const void* weight, void* out, void* workspace, cudaStream_t stream,
           int algorithm = 0) const;

 private:
  using MatmulDesc = CublasOwner<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>;
  using Layout = CublasOwner<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>;

  cublasLtHandle_t m_handle;
  MatmulDesc m_desc;
  Layout m_weight, m_in, m_out;
  std::vector<cublasLtMatmulAlgo_t> m_algorithms;
};

}  // namespace perfgate
