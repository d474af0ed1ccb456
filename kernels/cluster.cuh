// A cluster is a few neighbouring blocks that run at the same time and reach each other's shared
// memory (9.0 and later). The order of the calls, which every thread of the cluster makes:
//
//   announce_start();                 // first of all: costs nothing yet
//   ... loads ...
//   wait_for_all_started();           // before anything is put into another block's memory
//   put_remote(...);
//   meet_cluster();                   // what was put is there
//
// After that a block reads only its own memory, so it may end before the others.
#pragma once

#include <cstdint>

namespace perfgate {

#if __CUDA_ARCH__ >= 900

__device__ __forceinline__ void announce_start() {
  asm volatile("barrier.cluster.arrive.relaxed.aligned;");
}

__device__ __forceinline__ void wait_for_all_started() {
  asm volatile("barrier.cluster.wait.aligned;" ::: "memory");
}

/// `*place` of block `block` of the cluster becomes `value`; `place` is in shared memory.
__device__ __forceinline__ void put_remote(float* place, unsigned block, float value) {
  const auto local = static_cast<std::uint32_t>(__cvta_generic_to_shared(place));
  asm volatile(
      "{\n"
      ".reg .b32 remote;\n"
      "mapa.shared::cluster.u32 remote, %0, %1;\n"
      "st.shared::cluster.f32 [remote], %2;\n"
      "}" ::"r"(local),
      "r"(block), "f"(value)
      : "memory");
}

__device__ __forceinline__ void meet_cluster() {
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
}

#else  // never launched: no kernel for an older GPU has a cluster

__device__ __forceinline__ void announce_start() {}
__device__ __forceinline__ void wait_for_all_started() {}
__device__ __forceinline__ void put_remote(float*, unsigned, float) {}
__device__ __forceinline__ void meet_cluster() {}

#endif

}  // namespace perfgate
