// SPDX-License-Identifier: Apache-2.0
// The device side of programmatic dependent launch. With Overlap::on a kernel is launched, starts
// its blocks and loads its constants while the kernel before it still runs.
//
// Every kernel that is launched this way keeps two rules:
//   1. It calls let_next_start() first of all: the next kernel costs this one a few idle warps.
//      (The GEMMs call it when their weights are read or requested: the next kernel reads, too.)
//   2. It calls wait_for_previous() before it touches what an earlier kernel of the step writes or
//      reads. Before that it may read what no kernel of the step writes: norm weights, cosines,
//      positions, slots, block tables, the keys and values of older tokens. A block that has
//      nothing to do may end without waiting, as long as another block of the grid waits.
// The two rules are enough. The wait returns when the kernel before has ended and what it wrote is
// visible. That kernel did not end before its own wait had returned, so all kernels before it have
// ended too, and so on: after the wait the order is that of a plain stream. Writes come only after
// the wait, so no input is overwritten while it is still being read. A kernel that is launched
// without the attribute (as cuBLASLt's are) starts when the one before has ended, and begins the
// chain anew.
//
// Use __ldg, `const __restrict__` and ld.global.nc for those constants only: they promise that the
// memory is not written during the whole life of the kernel, and the compiler may move such loads
// before the wait.
//
// Below 9.0 there is no such launch, and both functions do nothing; launch() asks each kernel what
// it was compiled for.
#pragma once

namespace perfgate {

/// Lets the next kernel of the stream start as soon as every block of this one has called it.
__device__ __forceinline__ void let_next_start() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;");
#endif
}

/// Returns when everything before this kernel has ended and its results are visible. A second call
/// returns at once.
__device__ __forceinline__ void wait_for_previous() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

}  // namespace perfgate
