// SPDX-License-Identifier: Apache-2.0
// Our own GEMM for decode batches: out[m, n] = in[m, k] * weight[n, k]^T with few rows of `in`.
#pragma once

#include "gate/decode/layer_model.h"
#include "kernels/cuda/queue.h"

namespace perfgate {

inline constexpr int skinny_most_rows = 32;  ///< the most rows of `in`

/// Whether skinny_gemm() can compute this shape: 1 to 32 rows, n a multiple of 32, k of 128.
bool skinny_gemm_takes(const GemmShape& shape);

/// Matrices are row-major and dense, and all pointers are aligned to 16 bytes. It is one kernel
/// without scratch memory, and adds in the same order on every GPU. Throws std::invalid_argument
/// for a shape that it does not take.
void skinny_gemm(DType dtype, const void* in, const void* weight, void* out, const GemmShape& shape,
                 const Queue& queue);

}  // namespace perfgate
