// SPDX-License-Identifier: Apache-2.0
// Tensor-core products of a warpgroup from shared memory to registers (wgmma, compute capability
// 9.0 only), for operands whose rows are 128 bytes of k, swizzled by 128 bytes as TMA stores them.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/cuda/wgmma_columns.h"

namespace perfgate {

inline constexpr int swizzled_row_bytes = 128;

/// Returns what wgmma calls a matrix descriptor, for rows of 128 bytes at `matrix` (shared, aligned
/// to 1024) in groups of 8. Add 2 to move on by 16 elements of k. (PTX ISA, "Matrix Descriptor
/// Format".)
__device__ __forceinline__ std::uint64_t swizzled_matrix(const std::byte* matrix) {
  const auto address = static_cast<std::uint64_t>(__cvta_generic_to_shared(matrix));
  constexpr std::uint64_t group_stride = 8 * swizzled_row_bytes / 16;
  constexpr std::uint64_t swizzle_128 = 1;
  return (address & 0x3FFFF) >> 4 | std::uint64_t{1} << 16 | group_stride << 32 | swizzle_128 << 62;
}

__device__ __forceinline__ void wgmma_begin() {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}
__device__ __forceinline__ void wgmma_commit() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
/// Returns when all groups of products but the last `pending` are done.
template <int pending>
__device__ __forceinline__ void wgmma_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
}

/// c[64 x n] += a[64 x 16] * b[n x 16]^T, n a multiple of 8, at most 256. Warp w of the warpgroup
/// holds rows 16 w + {0..15}; with group = lane / 4 and member = lane % 4, c[4 j + {0, 1}] are row
/// group, columns 8 j + 2 member + {0, 1}, and c[4 j + {2, 3}] the same columns of row group + 8.
template <class T, int n>
__device__ __forceinline__ void wgmma_64xNx16(float* c, std::uint64_t a, std::uint64_t b) {
  static_assert(n % 8 == 0 && n >= 8 && n <= 256);
  if constexpr (std::is_same_v<T, __half>) {
    PERFGATE_WGMMA_OF_ALL_COLUMNS("f16")
  } else {
    PERFGATE_WGMMA_OF_ALL_COLUMNS("bf16")
  }
}

}  // namespace perfgate
