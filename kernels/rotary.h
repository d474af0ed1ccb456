// Rotary position embedding, neox pairs, as in vLLM.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <span>
#include <vector>

#include "gate/model.h"
#include "kernels/queue.h"

namespace perfgate {

/// The qkv tensor [batch, (query_heads + 2 kv_heads) head_dim]: q, k and v are slices of each row.
/// head_dim is a multiple of 16 (std::invalid_argument otherwise).
struct HeadsShape {
  int batch = 0;
  int query_heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
};

/// Rotates q and k of every token in place. positions: int64 [batch]; cos_sin: [rows, head_dim],
/// cosines in the first half of a row, sines in the second, where rows > every position.
void rotary(DType dtype, void* qkv, const std::int64_t* positions, const void* cos_sin,
            const HeadsShape& shape, const Queue& queue);

/// Fills cos_sin for the positions 0 to rows - 1.
void fill_cos_sin(DType dtype, void* cos_sin, std::int64_t rows, int head_dim, double theta,
                  cudaStream_t stream);

/// One head of one token; `cos_sin` is the row of its position.
std::vector<double> rotary_reference(std::span<const double> head, std::span<const double> cos_sin);

/// One row of the table, not rounded.
std::vector<double> cos_sin_reference(std::int64_t position, int head_dim, double theta);

}  // namespace perfgate
