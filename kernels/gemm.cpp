#include "kernels/gemm.h"

#include <fmt/format.h>

#include "gate/error.h"
#include "kernels/cuda_check.h"
#include "kernels/skinny_gemm.h"

namespace perfgate {
namespace {

/// Where skinny_gemm.cu was measured against cuBLASLt and won with overlap in every GEMM of
/// llama-2-7b and llama-3.1-8b (docs/results.md): on compute capability 9.0, up to so many rows.
constexpr int most_winning_rows = 16;
bool wins_here() {
  int device = 0, major = 0, minor = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device),
        "cudaDeviceGetAttribute");
  check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device),
        "cudaDeviceGetAttribute");
  return major == 9 && minor == 0;
}

bool choose_own(const GemmShape& shape, GemmBackend backend) {
  switch (backend) {
    case GemmBackend::cublas:
      return false;
    case GemmBackend::automatic:
      return skinny_gemm_takes(shape) && shape.m <= most_winning_rows && wins_here();
    case GemmBackend::own:
      break;
  }
  if (!skinny_gemm_takes(shape))
    throw UsageError(
        fmt::format("backend own: the GEMM of {} x {} x {} (batch, N, K) is none of ours: batch at "
                    "most {}, N a multiple of 32, K of 128; use --backend auto",
                    shape.m, shape.n, shape.k, skinny_most_rows));
  return true;
}

}  // namespace

GemmPlan::GemmPlan(cublasLtHandle_t handle, DType dtype, const GemmShape& shape,
                   GemmBackend backend)
    : m_dtype(dtype), m_shape(shape) {
  if (!choose_own(shape, backend)) m_cublas.emplace(handle, dtype, shape);
}

void GemmPlan::run(const void* in, const void* weight, void* out, void* workspace,
                   const Queue& queue) const {
  if (m_cublas)
    m_cublas->run(in, weight, out, workspace, queue.stream);
  else
    skinny_gemm(m_dtype, in, weight, out, m_shape, queue);
}

}  // namespace perfgate
