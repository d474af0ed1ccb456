// SPDX-License-Identifier: Apache-2.0
// Problem: scatter B rows of k and of v (2 to 8 KB each) to the slots that the scheduler chose.
// Design: the kernel moves bits, not numbers, so it serves both element types; a model with a bias
// has another kernel, which adds v's. A thread moves one pack of k and the same pack of v: two
// loads and two stores that do not depend on each other. The block's two coordinates are the token
// and a part of it, so no thread divides.
// Limited by: latency (slot, then store) at decode; HBM bandwidth at prefill.
#include <algorithm>
#include <stdexcept>

#include "kernels/cuda/launch.h"
#include "kernels/cuda/overlap.cuh"
#include "kernels/cuda/pack.cuh"
#include "kernels/ops/kv_write.h"

namespace perfgate {

inline constexpr unsigned kv_write_threads = 128;

/// Sizes in packs of 8 elements.
struct KvWriteTask {
  const uint4* qkv;
  const std::int64_t* slot_mapping;
  uint4* key_cache;
  uint4* value_cache;
  unsigned q_packs;
  unsigned kv_packs;
};

/// `value_of` turns the bits of v's pack `place` into those that are stored.
template <class ValueOf>
__device__ __forceinline__ void write_pack(const KvWriteTask& task, unsigned place,
                                           ValueOf value_of) {
  const unsigned token = blockIdx.y;
  const uint4* row =
      task.qkv + static_cast<std::int64_t>(token) * (task.q_packs + 2 * task.kv_packs);
  const std::int64_t slot = task.slot_mapping[token];
  wait_for_previous();
  const uint4 key = row[task.q_packs + place];
  const uint4 value = row[task.q_packs + task.kv_packs + place];
  if (slot < 0) return;
  task.key_cache[slot * task.kv_packs + place] = key;
  task.value_cache[slot * task.kv_packs + place] = value_of(value);
}

__global__ void __launch_bounds__(kv_write_threads) kv_write_kernel(const KvWriteTask task) {
  let_next_start();
  const unsigned place = blockIdx.x * blockDim.x + threadIdx.x;
  if (place >= task.kv_packs) return;
  write_pack(task, place, [](const uint4& value) { return value; });
}

/// `bias` is v's.
template <class T>
__global__ void __launch_bounds__(kv_write_threads)
    kv_write_bias_kernel(const KvWriteTask task, const uint4* bias) {
  let_next_start();
  const unsigned place = blockIdx.x * blockDim.x + threadIdx.x;
  if (place >= task.kv_packs) return;
  float sum[pack_elements];
  unpack<T>(__ldg(bias + place), sum);
  write_pack(task, place, [&](const uint4& value) {
    float v[pack_elements];
    unpack<T>(value, v);
#pragma unroll
    for (int e = 0; e < pack_elements; ++e) sum[e] += v[e];
    return pack<T>(sum);
  });
}

void kv_write(DType dtype, const void* qkv, const std::int64_t* slot_mapping, void* key_cache,
              void* value_cache, const void* bias, const HeadsShape& shape, const Queue& queue) {
  if (shape.head_dim % pack_elements != 0) {
    throw std::invalid_argument("kv_write: head_dim must be a multiple of 8");
  }
  const auto q_packs = static_cast<unsigned>(shape.query_heads * shape.head_dim / pack_elements);
  const auto kv_packs = static_cast<unsigned>(shape.kv_heads * shape.head_dim / pack_elements);
  const KvWriteTask task{
      static_cast<const uint4*>(qkv),   slot_mapping, static_cast<uint4*>(key_cache),
      static_cast<uint4*>(value_cache), q_packs,      kv_packs};
  const unsigned threads = std::min(ceil_div(kv_packs, 32u) * 32, kv_write_threads);
  const Grid grid{ceil_div(kv_packs, threads), static_cast<unsigned>(shape.batch)};
  if (!bias) return launch("kv_write", kv_write_kernel, grid, threads, queue, task);
  const auto* v_bias = static_cast<const uint4*>(bias) + q_packs + kv_packs;
  with_element(dtype, [&](auto element) {
    launch("kv_write", kv_write_bias_kernel<decltype(element)>, grid, threads, queue, task, v_bias);
  });
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
