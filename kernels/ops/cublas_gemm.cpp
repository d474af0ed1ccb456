// SPDX-License-Identifier: Apache-2.0
// Problem: at decode batches a projection is one pass over its weights (33 to 235 MB) with M = 1 to
// 64 rows of activations: bound by HBM, with the tensor cores mostly idle.
// Design: calls cuBLASLt as it is. cuBLASLt knows only column-major matrices, and takes a
// row-major [r, c] for its [c, r]; so it computes out^T[N,M] = weight[N,K] * in^T[K,M], with the
// weight as the transposed A.
// Limited by: HBM bandwidth; cuBLAS reaches 70 to 95 % of it, the least for the small o_proj. Where
// it matters most, skinny_gemm.cu and tma_gemm.cu are used instead.
#include "kernels/ops/cublas_gemm.h"

#include "kernels/cuda/cuda_check.h"

namespace perfgate {
namespace {

// Describes a column-major matrix with `rows` contiguous elements.
cublasLtMatrixLayout_t create_layout(cudaDataType_t type, std::int64_t rows, std::int64_t columns) {
  cublasLtMatrixLayout_t layout = nullptr;
  check(cublasLtMatrixLayoutCreate(&layout, type, static_cast<std::uint64_t>(rows),
                                   static_cast<std::uint64_t>(columns), rows),
        "cublasLtMatrixLayoutCreate");
  return layout;
}

cublasLtMatmulDesc_t create_desc() {
  cublasLtMatmulDesc_t desc = nullptr;
  check(cublasLtMatmulDescCreate(&desc, CUBLAS_COMPUTE_32F, CUDA_R_32F),
        "cublasLtMatmulDescCreate");
  return desc;
}

}  // namespace

CublasLt create_cublas_lt() {
  cublasLtHandle_t handle = nullptr;
  check(cublasLtCreate(&handle), "cublasLtCreate");
  return CublasLt(handle);
}

CublasGemm::CublasGemm(cublasLtHandle_t handle, DType dtype, const GemmShape& shape, int most)
    : m_handle(handle), m_desc(create_desc()) {
  const cudaDataType_t type = dtype == DType::fp16 ? CUDA_R_16F : CUDA_R_16BF;
  const cublasOperation_t transposed = CUBLAS_OP_T;
  check(cublasLtMatmulDescSetAttribute(m_desc.get(), CUBLASLT_MATMUL_DESC_TRANSA, &transposed,
                                       sizeof transposed),
        "cublasLtMatmulDescSetAttribute");
  m_weight.reset(create_layout(type, shape.k, shape.n));
  m_in.reset(create_layout(type, shape.k, shape.m));
  m_out.reset(create_layout(type, shape.n, shape.m));

  cublasLtMatmulPreference_t created = nullptr;
  check(cublasLtMatmulPreferenceCreate(&created), "cublasLtMatmulPreferenceCreate");
  const CublasOwner<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy> preference(
      created);
  check(cublasLtMatmulPreferenceSetAttribute(preference.get(),
                                             CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                             &gemm_workspace_bytes, sizeof gemm_workspace_bytes),
        "cublasLtMatmulPreferenceSetAttribute");
  std::vector<cublasLtMatmulHeuristicResult_t> found(static_cast<std::size_t>(most));
  int count = 0;
  check(
      cublasLtMatmulAlgoGetHeuristic(handle, m_desc.get(), m_weight.get(), m_in.get(), m_out.get(),
                                     m_out.get(), preference.get(), most, found.data(), &count),
      "cublasLtMatmulAlgoGetHeuristic");
  found.resize(static_cast<std::size_t>(count));
  for (const cublasLtMatmulHeuristicResult_t& one : found)
    if (one.state == CUBLAS_STATUS_SUCCESS) m_algorithms.push_back(one.algo);
  check(m_algorithms.empty() ? CUBLAS_STATUS_NOT_SUPPORTED : CUBLAS_STATUS_SUCCESS,
        "cublasLtMatmulAlgoGetHeuristic");
}

void CublasGemm::run(const void* in, const void* weight, void* out, void* workspace,
                     cudaStream_t stream, int algorithm) const {
  const float alpha = 1;
  const float beta = 0;
  check(cublasLtMatmul(m_handle, m_desc.get(), &alpha, weight, m_weight.get(), in, m_in.get(),
                       &beta, out, m_out.get(), out, m_out.get(),
                       &m_algorithms.at(static_cast<std::size_t>(algorithm)), workspace,
                       gemm_workspace_bytes, stream),
        "cublasLtMatmul");
}

}  // namespace perfgate
