// Problem: rotary and kv_write are two launches of 2 us each for 16 KB, and the second one reads k
// back that the first one had in registers.
// Design: rotary's, with the value heads as more heads of the row: a query head is rotated, a key
// head is rotated and stored twice, a value head is copied to its slot. Eight threads a head, so
// the three kinds part only between groups of lanes. Limited by: latency (position, then cosines,
// then store) at decode; HBM bandwidth at prefill.
#include "kernels/ops/rotary_kv_write.h"

#include "kernels/cuda/launch.h"
#include "kernels/cuda/overlap.cuh"
#include "kernels/cuda/pack.cuh"
#include "kernels/ops/rotary_head.cuh"

namespace perfgate {

inline constexpr unsigned rotary_kv_write_threads = 64;

/// Sizes in packs of 8 elements, like RotaryTask.
struct CacheTask {
  const std::int64_t* slot_mapping;
  uint4* key_cache;
  uint4* value_cache;
};

__device__ __forceinline__ void store(uint4* first, const LanePacks& packs) {
  first[0] = packs.first;
  first[head_lanes] = packs.second;
}

template <class T, bool has_bias, bool has_norm>
__global__ void __launch_bounds__(rotary_kv_write_threads)
    rotary_kv_write_kernel(const RotaryTask task, const CacheTask cache) {
  let_next_start();
  const unsigned lane = threadIdx.x % head_lanes;
  const unsigned head = (blockIdx.x * blockDim.x + threadIdx.x) / head_lanes;
  const unsigned rotated_heads = task.query_heads + task.kv_heads;
  const unsigned heads = rotated_heads + task.kv_heads;
  const unsigned token = blockIdx.y;
  if (head >= heads) return;

  const std::int64_t slot = cache.slot_mapping[token];
  const LanePacks angles = load_constant(task.cos_sin + task.positions[token] * head_packs + lane);
  const LaneWeights weights = head < rotated_heads
                                  ? load_weights<has_bias, has_norm>(task, head, lane)
                                  : load_weights<has_bias, false>(task, head, lane);
  wait_for_previous();

  uint4* own = task.qkv + (static_cast<std::int64_t>(token) * heads + head) * head_packs + lane;
  LanePacks packs{own[0], own[head_lanes]};
  if (head < rotated_heads) {
    packs = rotated<T, has_bias, has_norm>(packs, angles, weights, task.norm_eps);
    store(own, packs);
  } else if constexpr (has_bias) {
    packs = plus_bias<T>(packs, weights.bias);
  }
  if (head < task.query_heads || slot < 0) return;
  const bool is_key = head < rotated_heads;
  const unsigned kv_head = head - (is_key ? task.query_heads : rotated_heads);
  store((is_key ? cache.key_cache : cache.value_cache) +
            (slot * task.kv_heads + kv_head) * head_packs + lane,
        packs);
}

void rotary_kv_write(DType dtype, void* qkv, const std::int64_t* positions, const void* cos_sin,
                     const QkvWeights& weights, const std::int64_t* slot_mapping, void* key_cache,
                     void* value_cache, const HeadsShape& shape, const Queue& queue) {
  const RotaryTask task = rotary_task(qkv, positions, cos_sin, weights, shape);
  const CacheTask cache{slot_mapping, static_cast<uint4*>(key_cache),
                        static_cast<uint4*>(value_cache)};
  const unsigned heads = task.query_heads + 2 * task.kv_heads;
  const Grid grid{ceil_div(heads * head_lanes, rotary_kv_write_threads),
                  static_cast<unsigned>(shape.batch)};
  with_element(dtype, [&](auto element) {
    with_weights(weights, [&](auto has_bias, auto has_norm) {
      launch("rotary_kv_write", rotary_kv_write_kernel<decltype(element), has_bias(), has_norm()>,
             grid, rotary_kv_write_threads, queue, task, cache);
    });
  });
}

}  // namespace perfgate
