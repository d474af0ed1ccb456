// Launching kernels: the few lines that every operator shares.
#pragma once

#include <cuda_runtime.h>

#include <type_traits>

#include "kernels/cuda_check.h"
#include "kernels/queue.h"

namespace perfgate {

template <class Integer>
constexpr Integer ceil_div(Integer a, Integer b) {
  return (a + b - 1) / b;
}

/// Streaming multiprocessors of the current device.
inline int sm_count() {
  int device = 0;
  int count = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device),
        "cudaDeviceGetAttribute");
  return count;
}

/// Whether the kernel's code is for 9.0 or later: the wait of overlap.cuh and clusters are in no
/// other. Not the device is asked but the code: PTX for 8.0 that the driver compiled for a newer
/// GPU would not wait.
template <class... Params>
bool is_for_hopper(void (*kernel)(Params...)) {
  cudaFuncAttributes attributes{};
  check(cudaFuncGetAttributes(&attributes, kernel), "cudaFuncGetAttributes");
  return attributes.ptxVersion >= 90;
}

/// Blocks of a launch: x and y of a kernel's blockIdx. y is at most 65535. `cluster` neighbours in
/// x run together, at most 8; more than one only for a kernel that is_for_hopper().
struct Grid {
  Grid(unsigned blocks_x, unsigned blocks_y = 1, unsigned cluster_blocks = 1)
      : x(blocks_x), y(blocks_y), cluster(cluster_blocks) {}

  unsigned x, y, cluster;
};

/// Launches a grid, overlapping with the kernel before it where the queue asks for it and the
/// kernel can; then it must keep the rules of overlap.cuh, and that before it must be a kernel. A
/// bad configuration or a sticky error of an earlier kernel is thrown here, under this kernel's
/// name. A grid of no blocks is no work.
template <class... Params>
void launch(const char* name, void (*kernel)(Params...), const Grid& grid, unsigned block,
            const Queue& queue, std::type_identity_t<Params>... args) {
  if (grid.x == 0 || grid.y == 0) return;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(grid.x, grid.y);
  config.blockDim = dim3(block);
  config.stream = queue.stream;
  cudaLaunchAttribute attributes[2]{};
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
