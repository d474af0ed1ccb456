// Fills gigabytes of weights and KV on the GPU, with the same values on every machine.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "gate/decode/layer_model.h"

namespace perfgate {

/// A distribution: mean + scale * z, where z is near N(0, 1) or uniform in (-1, 1). z is never 0.
struct Fill {
  enum class Shape { normal, uniform };
  Shape shape = Shape::normal;
  float mean = 0;
  float scale = 1;
};

/// Enqueues data[i] = random_value(fill, seed, offset + i) for i < count. `data` is aligned to 16
/// bytes; `count` and `offset` are multiples of 8 (std::invalid_argument otherwise).
void random_fill(DType dtype, void* data, std::int64_t count, const Fill& fill, std::uint64_t seed,
                 std::uint64_t offset, cudaStream_t stream);

/// The value at `index`, before it is rounded to the element type.
float random_value(const Fill& fill, std::uint64_t seed, std::uint64_t index);

}  // namespace perfgate
