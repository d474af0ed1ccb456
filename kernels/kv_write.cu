// Problem: scatter B rows of k and of v (2 to 8 KB each) to the slots that the scheduler chose.
// Design: bits are moved, not numbers, so one kernel serves both element types. A thread moves one
// pack of k and the same pack of v: two loads and two stores that do not depend on each other.
// Limited by: latency (slot, then store) at decode; HBM bandwidth at prefill.
#include <algorithm>
#include <stdexcept>

#include "kernels/kv_write.h"
#include "kernels/launch.h"
#include "kernels/overlap.cuh"
#include "kernels/pack.cuh"

namespace perfgate {

/// Sizes in packs of 8 elements.
__global__ void __launch_bounds__(128)
    kv_write_kernel(const uint4* qkv, const std::int64_t* slot_mapping, uint4* key_cache,
                    uint4* value_cache, unsigned threads, unsigned q_packs, unsigned kv_packs) {
  let_next_start();
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= threads) return;
  const unsigned token = i / kv_packs;
  const unsigned place = i % kv_packs;
  const uint4* row = qkv + static_cast<std::int64_t>(token) * (q_packs + 2 * kv_packs);
  const std::int64_t slot = slot_mapping[token];
  wait_for_previous();
  const uint4 key = row[q_packs + place];
  const uint4 value = row[q_packs + kv_packs + place];
  if (slot < 0) return;
  key_cache[slot * kv_packs + place] = key;
  value_cache[slot * kv_packs + place] = value;
}

void kv_write(DType, const void* qkv, const std::int64_t* slot_mapping, void* key_cache,
              void* value_cache, const HeadsShape& shape, const Queue& queue) {
  if (shape.head_dim % pack_elements != 0) {
    throw std::invalid_argument("kv_write: head_dim must be a multiple of 8");
  }
  const auto q_packs = static_cast<unsigned>(shape.query_heads * shape.head_dim / pack_elements);
  const auto kv_packs = static_cast<unsigned>(shape.kv_heads * shape.head_dim / pack_elements);
  const unsigned threads = static_cast<unsigned>(shape.batch) * kv_packs;
  constexpr unsigned block = 128;
  launch("kv_write", kv_write_kernel, ceil_div(threads, block), block, queue,
         static_cast<const uint4*>(qkv), slot_mapping, static_cast<uint4*>(key_cache),
         static_cast<uint4*>(value_cache), threads, q_packs, kv_packs);
}

void kv_write_reference(std::span<const double> rows, std::span<const std::int64_t> slots,
                        std::span<double> cache) {
  const std::size_t row_size = rows.size() / slots.size();
  for (std::size_t token = 0; token < slots.size(); ++token) {
    if (slots[token] < 0) continue;
    const auto to = cache.begin() + slots[token] * static_cast<std::int64_t>(row_size);
    std::ranges::copy(rows.subspan(token * row_size, row_size), to);
  }
}

}  // namespace perfgate
