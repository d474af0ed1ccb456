// SPDX-License-Identifier: Apache-2.0
// Wraps the few instructions that CUDA C++ has no name for. Each wrapper says which lane holds
// what, because everything in attention.cu depends on that.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <type_traits>

namespace perfgate {

/// Loads 16 bytes that are read once, without keeping them in L1. It is volatile, so that the loads
/// stay where the software pipeline puts them. It is not .nc, because another kernel may write the
/// newest token's bytes after this one has begun (overlap.cuh).
__device__ __forceinline__ uint4 load_once(const void* address) {
  uint4 bits;
  asm volatile("ld.global.L1::no_allocate.L2::128B.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(bits.x), "=r"(bits.y), "=r"(bits.z), "=r"(bits.w)
               : "l"(address));
  return bits;
}

/// Loads 16 bytes of weight that are not needed again; the rest of their 128 bytes is requested
/// next. Weights are never written while a step runs, hence .nc.
__device__ __forceinline__ uint4 load_weight(const void* address) {
  uint4 bits;
  asm volatile("ld.global.nc.L1::evict_first.L2::128B.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(bits.x), "=r"(bits.y), "=r"(bits.z), "=r"(bits.w)
               : "l"(address));
  return bits;
}

/// Returns 2^x; 2^-inf is 0 and 2^0 is exactly 1.
__device__ __forceinline__ float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

/// c[16x8] += a[16x16] * b[16x8] over a warp, fp32 sums. With group = lane / 4, member = lane % 4:
///   a[0]: row group,     columns 2 member + {0, 1}      a[2]: row group,     columns + 8
///   a[1]: row group + 8, columns 2 member + {0, 1}      a[3]: row group + 8, columns + 8
///   b0: rows 2 member + {0, 1}, column group            b1: rows + 8
///   c[0], c[1]: row group, columns 2 member + {0, 1}    c[2], c[3]: row group + 8
template <class T>
__device__ __forceinline__ void mma_16x8x16(float (&c)[4], unsigned a0, unsigned a1, unsigned a2,
                                            unsigned a3, unsigned b0, unsigned b1) {
  if constexpr (std::is_same_v<T, __half>) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  } else {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  }
}

/// Transposes an 8x8 matrix of 16-bit elements over a warp; lane holds row lane / 4, columns
/// 2 (lane % 4) + {0, 1}, before and after.
__device__ __forceinline__ unsigned transpose_8x8(unsigned bits) {
  unsigned transposed;
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(transposed) : "r"(bits));
  return transposed;
}

}  // namespace perfgate
