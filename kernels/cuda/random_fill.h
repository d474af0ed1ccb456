// SPDX-License-Identifier: Apache-2.0
// Fills gigabytes of weights and KV on the GPU, with the same values on every machine.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "gate/decode/dtype.h"

namespace perfgate {

/// A distribution: mean + scale * z, where z is near N(0, 1) or uniform in (-1, 1). z is never 0.
struct Fill {
  enum class Shape { normal, uniform };
  Shape shape = Shape::normal;
  float mean = 0;
  float scale = 1;
};

/// Enqueues the filling of data[i] for i < count. Each value is a function of `fill`, `seed` and
/// offset + i, rounded to the element type. `data` is aligned to 16 bytes; `count` and `offset` are
/// multiples of 8 (std::invalid_argument otherwise).
void random_fill(DType dtype, void* data, std::int64_t count, const Fill& fill, std::uint64_t seed,
                 std::uint64_t offset, cudaStream_t stream);

}  // namespace perfgate
