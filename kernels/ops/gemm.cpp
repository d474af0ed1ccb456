// SPDX-License-Identifier: Apache-2.0
#include "kernels/ops/gemm.h"

#include "kernels/cuda/launch.h"
#include "kernels/ops/skinny_gemm.h"
#include "kernels/ops/tma_gemm.h"

namespace perfgate {

GemmDevice gemm_device() {
  return {10 * device_attribute(cudaDevAttrComputeCapabilityMajor) +
              device_attribute(cudaDevAttrComputeCapabilityMinor),
          memory_bytes_per_s(), sm_count()};
}

GemmPlan::GemmPlan(cublasLtHandle_t handle, DType dtype, const GemmShape& shape,
                   const GemmSelection& selection)
    : m_dtype(dtype),
      m_shape(shape),
      m_variant(&choose_variant(shape, dtype, gemm_device(), selection)) {
  if (!is_own()) m_cublas.emplace(handle, dtype, shape);
}

void GemmPlan::run(const GemmOperands& of, void* workspace, const Queue& queue) const {
  switch (m_variant->kernel) {
    case GemmKernel::cublas:
      return m_cublas->run(of.in, of.weight, of.out, workspace, queue.stream);
    case GemmKernel::skinny:
      return skinny_gemm(*m_variant, m_dtype, of, m_shape, queue);
    case GemmKernel::tma:
      return tma_gemm(*m_variant, m_dtype, of, m_shape, queue);
  }
}

}  // namespace perfgate
