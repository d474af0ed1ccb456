// SPDX-License-Identifier: Apache-2.0
// Rotary position embedding with neox pairs, as in vLLM, and what some models do to q and k before
// it.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <span>
#include <vector>

#include "gate/decode/dtype.h"
#include "kernels/cuda/queue.h"

namespace perfgate {

/// The qkv tensor [batch, (query_heads + 2 kv_heads) head_dim]: q, k and v are slices of each row.
/// head_dim is 128 (std::invalid_argument otherwise) and batch at most 65535.
struct HeadsShape {
  int batch = 0;
  int query_heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
};

/// What a model does to q, k and v between their projection and the rotation. The device pointers
/// are null where it does nothing.
struct QkvWeights {
  const void* bias = nullptr;    ///< [(query_heads + 2 kv_heads) head_dim]: added first
  const void* q_norm = nullptr;  ///< [head_dim]: RMS norm of each query head; needs k_norm
  const void* k_norm = nullptr;  ///< [head_dim]: RMS norm of each key head
  float norm_eps = 0;
};

/// Prepares q and k of every token as `weights` says and rotates them, in place; v does not change.
/// positions: int64 [batch]; cos_sin: [rows, head_dim], cosines in the first half of a row, sines
/// in the second, where rows > every position.
void rotary(DType dtype, void* qkv, const std::int64_t* positions, const void* cos_sin,
            const QkvWeights& weights, const HeadsShape& shape, const Queue& queue);

/// Fills cos_sin for the positions 0 to rows - 1.
void fill_cos_sin(DType dtype, void* cos_sin, std::int64_t rows, int head_dim, double theta,
                  cudaStream_t stream);

/// The reference for one head of one token; `cos_sin` is the row of its position.
std::vector<double> rotary_reference(std::span<const double> head, std::span<const double> cos_sin);

/// The reference for one row of the table, not rounded.
std::vector<double> cos_sin_reference(std::int64_t position, int head_dim, double theta);

}  // namespace perfgate
