// SPDX-License-Identifier: Apache-2.0
// Decode attention over a paged KV cache, split along the context.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gate/decode/dtype.h"
#include "kernels/cuda/queue.h"

namespace perfgate {

inline constexpr int attention_head_dim = 128;
inline constexpr int attention_max_group = 8;  ///< the most query heads that share a KV head

struct AttentionShape {
  int batch = 0;
  int query_heads = 0;
  int kv_heads = 0;
  int max_context = 0;  ///< no entry of seq_lens is larger; used to choose the splits
  int max_blocks = 0;   ///< columns of block_table
};

/// Device pointers.
struct AttentionBuffers {
  const void* qkv = nullptr;        ///< [batch, (query_heads + 2 kv_heads) * 128]; only q is read
  const void* key_cache = nullptr;  ///< [blocks, 16, kv_heads, 128]
  const void* value_cache = nullptr;
  const std::int32_t* block_table = nullptr;  ///< [batch, max_blocks]
  const std::int32_t* seq_lens = nullptr;     ///< [batch]; 0 gives zeros
  void* out = nullptr;                        ///< [batch, query_heads * 128]
  void* workspace = nullptr;                  ///< attention_workspace_bytes()
};

/// Returns how many parts each context is cut into, so that the GPU is full. It depends on the
/// shape and the SM count alone, so it is the same on every run.
int attention_splits(const AttentionShape& shape, int sm_count);

/// Scratch memory for the parts' partial results; 0 for one split.
std::size_t attention_workspace_bytes(const AttentionShape& shape, int splits);

/// Computes softmax(q k^T / sqrt(128)) v for every query head. In a queue with overlap the kernels
/// before it may write each sequence's last token, and no other key or value of it. It launches one
/// kernel, and a second one that combines the parts when splits > 1. Throws std::invalid_argument
/// when the head ratio is not whole or above 8.
void attention(DType dtype, const AttentionBuffers& buffers, const AttentionShape& shape,
               int splits, const Queue& queue);

/// The reference for the query heads of one KV head of one sequence. q: [group, head_dim]; k, v:
/// [tokens, head_dim]; returns [group, head_dim].
std::vector<double> attention_reference(std::span<const double> q, std::span<const double> k,
                                        std::span<const double> v, std::size_t head_dim);

}  // namespace perfgate
