// SPDX-License-Identifier: Apache-2.0
// Tensor-core products of a warpgroup from shared memory to registers (wgmma, compute capability
// 9.0 only), for operands whose rows are 128 bytes of k, swizzled by 128 bytes as TMA stores them.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

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

// clang-format off
#define PERFGATE_WGMMA(type) \
  if constexpr (n == 32)                                                                   \
    asm volatile("wgmma.mma_async.sync.aligned.m64n32k16.f32." type "." type " {"          \
               "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15"      \
               "}, %16, %17, 1, 1, 1, 0, 0;"                                               \
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]), "+f"(c[4]), "+f"(c[5]),   \
                 "+f"(c[6]), "+f"(c[7]), "+f"(c[8]), "+f"(c[9]), "+f"(c[10]), "+f"(c[11]), \
                 "+f"(c[12]), "+f"(c[13]), "+f"(c[14]), "+f"(c[15])                        \
               : "l"(a), "l"(b));                                                          \
  if constexpr (n == 24)                                                                   \
    asm volatile("wgmma.mma_async.sync.aligned.m64n24k16.f32." type "." type " {"          \
               "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11"                          \
               "}, %12, %13, 1, 1, 1, 0, 0;"                                               \
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]), "+f"(c[4]), "+f"(c[5]),   \
                 "+f"(c[6]), "+f"(c[7]), "+f"(c[8]), "+f"(c[9]), "+f"(c[10]), "+f"(c[11])  \
               : "l"(a), "l"(b));                                                          \
  if constexpr (n == 16)                                                                   \
    asm volatile("wgmma.mma_async.sync.aligned.m64n16k16.f32." type "." type " {"          \
               "%0, %1, %2, %3, %4, %5, %6, %7"                                            \
               "}, %8, %9, 1, 1, 1, 0, 0;"                                                 \
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]), "+f"(c[4]), "+f"(c[5]),   \
                 "+f"(c[6]), "+f"(c[7])                                                    \
               : "l"(a), "l"(b));                                                          \
  if constexpr (n == 8)                                                                    \
    asm volatile("wgmma.mma_async.sync.aligned.m64n8k16.f32." type "." type " {"           \
               "%0, %1, %2, %3"                                                            \
               "}, %4, %5, 1, 1, 1, 0, 0;"                                                 \
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])                            \
               : "l"(a), "l"(b));
// clang-format on

/// c[64 x n] += a[64 x 16] * b[n x 16]^T, n = 8, 16, 24 or 32. Warp w of the warpgroup holds rows
/// 16 w + {0..15}; with group = lane / 4 and member = lane % 4, c[4 j + {0, 1}] are row group,
/// columns 8 j + 2 member + {0, 1}, and c[4 j + {2, 3}] the same columns of row group + 8.
template <class T, int n>
__device__ __forceinline__ void wgmma_64xNx16(float* c, std::uint64_t a, std::uint64_t b) {
  static_assert(n == 8 || n == 16 || n == 24 || n == 32);
  if constexpr (std::is_same_v<T, __half>) {
    PERFGATE_WGMMA("f16")
  } else {
    PERFGATE_WGMMA("bf16")
  }
}
#undef PERFGATE_WGMMA

}  // namespace perfgate
