// SPDX-License-Identifier: Apache-2.0
// Launches kernels: the few lines that every operator shares.
#pragma once

#include <cuda_runtime.h>

#include <type_traits>

#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/queue.h"

namespace perfgate {

template <class Integer>
constexpr Integer ceil_div(Integer a, Integer b) {
  return (a + b - 1) / b;
}

/// An attribute of the current device.
inline int device_attribute(cudaDeviceAttr attribute) {
  int device = 0;
  int value = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&value, attribute, device), "cudaDeviceGetAttribute");
  return value;
}

/// The number of streaming multiprocessors of the current device.
inline int sm_count() {
  return device_attribute(cudaDevAttrMultiProcessorCount);
}

/// The current device's memory bandwidth by its clock and width, bytes/s: two transfers a clock.
inline double memory_bytes_per_s() {
  return 2e3 * device_attribute(cudaDevAttrMemoryClockRate) *
         device_attribute(cudaDevAttrGlobalMemoryBusWidth) / 8;
}

/// Whether the kernel was compiled for 9.0 or later; other code has no wait of overlap.cuh. It asks
/// the code and not the device, because PTX for 8.0 that the driver compiled for a newer GPU would
/// not wait.
template <class... Params>
bool is_for_hopper(void (*kernel)(Params...)) {
  cudaFuncAttributes attributes{};
  check(cudaFuncGetAttributes(&attributes, kernel), "cudaFuncGetAttributes");
  return attributes.ptxVersion >= 90;
}

/// The blocks of a launch, by x and y of blockIdx; y is at most 65535. `cluster` is the number of
/// blocks with neighbouring x that form a cluster.
struct Grid {
  Grid(unsigned blocks_x, unsigned blocks_y = 1, unsigned blocks_in_cluster = 1)
      : x(blocks_x), y(blocks_y), cluster(blocks_in_cluster) {}

  unsigned x, y, cluster;
};

/// How a multiprocessor divides its memory between shared memory and L1: as the driver chooses, or
/// mostly as L1. Loads on their way to registers occupy the L1, and beside tma_gemm only 28 KB are
/// left for it. So attention asks for mostly_l1: without it, layers of llama-2-7b and llama-3.1-8b
/// at batch 32 and 64 took 0.7 to 2.6 % longer (H100, docs/results.md).
enum class Carveout { any, mostly_l1 };

/// The threads of a block, its dynamic shared memory, and the carveout that it prefers.
struct Block {
  Block(unsigned block_threads, unsigned dynamic_bytes = 0, Carveout how = Carveout::any)
      : threads(block_threads), shared_bytes(dynamic_bytes), carveout(how) {}

  unsigned threads, shared_bytes;
  Carveout carveout;
};

/// Launches a grid. It overlaps with the kernel before it where the queue asks for that and the
/// kernel can do it; the kernel must then keep the rules of overlap.cuh, and the operation before
/// it must be a kernel. A bad configuration or a sticky error of an earlier kernel is thrown here,
/// under this kernel's name. A grid without blocks is not launched.
template <class... Params>
void launch(const char* name, void (*kernel)(Params...), const Grid& grid, const Block& block,
            const Queue& queue, std::type_identity_t<Params>... args) {
  if (grid.x == 0 || grid.y == 0) return;
  constexpr unsigned unasked_bytes = 48 << 10;
  if (block.shared_bytes > unasked_bytes)
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(block.shared_bytes)),
          name);
  constexpr int mostly_l1_percent = 25;  // of the largest possible shared memory; a hint
  if (block.carveout == Carveout::mostly_l1)
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout,
                               mostly_l1_percent),
          name);
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(grid.x, grid.y);
  config.blockDim = dim3(block.threads);
  config.dynamicSmemBytes = block.shared_bytes;
  config.stream = queue.stream;
  cudaLaunchAttribute attributes[2] = {};
  config.attrs = attributes;
  if (queue.overlap == Overlap::on && is_for_hopper(kernel)) {
    cudaLaunchAttribute& overlap = attributes[config.numAttrs++];
    overlap.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    overlap.val.programmaticStreamSerializationAllowed = 1;
  }
  if (grid.cluster > 1) {
    cudaLaunchAttribute& cluster = attributes[config.numAttrs++];
    cluster.id = cudaLaunchAttributeClusterDimension;
    cluster.val.clusterDim.x = grid.cluster;
    cluster.val.clusterDim.y = cluster.val.clusterDim.z = 1;
  }
  check(cudaLaunchKernelEx(&config, kernel, args...), name);
  check(cudaGetLastError(), name);
}

}  // namespace perfgate
