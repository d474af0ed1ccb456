// SPDX-License-Identifier: Apache-2.0
// Our own GEMM for up to 64 rows on Hopper: out[m, n] = in[m, k] * weight[n, k]^T.
#pragma once

#include "kernels/cuda/queue.h"
#include "kernels/ops/gemm_variants.h"

namespace perfgate {

/// Matrices are row-major and dense, and all pointers are aligned to 16 bytes. It is one kernel
/// without scratch memory, and adds in the same order on every GPU with as many multiprocessors.
/// The variant is one of tma_gemm's in gemm_variants, and takes the shape. Throws DeviceError.
void tma_gemm(const GemmVariant& variant, DType dtype, const GemmOperands& of,
              const GemmShape& shape, const Queue& queue);

}  // namespace perfgate
