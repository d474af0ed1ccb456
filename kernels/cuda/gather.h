// SPDX-License-Identifier: Apache-2.0
// Collects scattered rows of a device tensor, so that a sample travels to the host in one copy.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace perfgate {

/// to[i] = from[rows[i]] for i < count, where a row is `row_bytes` long, a multiple of 16. All
/// pointers are device memory aligned to 16 bytes.
void gather_rows(const void* from, std::int64_t row_bytes, const std::int64_t* rows,
                 std::int64_t count, void* to, cudaStream_t stream);

}  // namespace perfgate
