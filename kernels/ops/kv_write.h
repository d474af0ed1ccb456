// SPDX-License-Identifier: Apache-2.0
// Writes the new tokens' keys and values into the paged cache (vLLM's reshape_and_cache_flash).
#pragma once

#include <cstdint>
#include <span>

#include "gate/decode/dtype.h"
#include "kernels/cuda/queue.h"
#include "kernels/ops/rotary.h"

namespace perfgate {

/// Copies the k and v slices of each qkv row to slot slot_mapping[token] of the two caches [blocks,
/// 16, kv_heads, head_dim]; slot = block * 16 + place in it, and -1 is skipped. `bias` belongs to
/// the whole qkv row and may be null; v's part of it is added here (rotary() has added k's).
void kv_write(DType dtype, const void* qkv, const std::int64_t* slot_mapping, void* key_cache,
              void* value_cache, const void* bias, const HeadsShape& shape, const Queue& queue);

/// The reference for one cache. rows: [tokens, row_size], slots: [tokens], cache: [slots of the
/// cache, row_size], where a row is kv_heads * head_dim elements.
void kv_write_reference(std::span<const double> rows, std::span<const std::int64_t> slots,
                        std::span<double> cache);

}  // namespace perfgate
