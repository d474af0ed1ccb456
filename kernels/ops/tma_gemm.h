// SPDX-License-Identifier: Apache-2.0
// Our own GEMM for up to 64 rows on Hopper: out[m, n] = in[m, k] * weight[n, k]^T.
#pragma once

#include "gate/decode/layer_model.h"
#include "kernels/cuda/queue.h"

namespace perfgate {

inline constexpr int tma_most_rows = 64;  ///< the most rows of `in`

/// Whether the current device's compute capability is 9.0: no other one has wgmma.
bool tma_gemm_runs_here();

/// Whether tma_gemm() can compute this shape: 1 to 64 rows, n a multiple of 8, k of 256.
bool tma_gemm_takes(const GemmShape& shape);

/// Matrices are row-major and dense, and all pointers are aligned to 16 bytes. It is one kernel
/// without scratch memory, and adds in the same order on every GPU with as many multiprocessors.
/// Throws std::invalid_argument for a shape that it does not take, DeviceError on another GPU.
void tma_gemm(DType dtype, const void* in, const void* weight, void* out, const GemmShape& shape,
              const Queue& queue);

}  // namespace perfgate
