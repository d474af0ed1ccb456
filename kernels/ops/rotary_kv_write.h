// rotary and kv_write as one kernel. No stage of the decode step: those are two, and fixed.
#pragma once

#include <cstdint>

#include "gate/decode/dtype.h"
#include "kernels/cuda/queue.h"
#include "kernels/ops/rotary.h"

namespace perfgate {

/// What rotary() and then kv_write() do, in one pass over qkv: q and k are rotated in place, and k
/// and v written to the caches.
void rotary_kv_write(DType dtype, void* qkv, const std::int64_t* positions, const void* cos_sin,
                     const QkvWeights& weights, const std::int64_t* slot_mapping, void* key_cache,
                     void* value_cache, const HeadsShape& shape, const Queue& queue);

}  // namespace perfgate
