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

/// Whether the kernel's code is for 9.0 or later: the wait of overlap.cuh is in no other. Not the
/// device is asked but the code: PTX for 8.0 that the driver compiled for a newer GPU would not
/// wait.
template <class... Params>
bool is_for_hopper(void (*kernel)(Params...)) {
  cudaFuncAttributes attributes{};
  check(cudaFuncGetAttributes(&attributes, kernel), "cudaFuncGetAttributes");
  return attributes.ptxVersion >= 90;
}

/// Blocks of a launch: x and y of a kernel's blockIdx. y is at most 65535.
struct Grid {
  Grid(unsigned blocks_x, unsigned blocks_y = 1) : x(blocks_x), y(blocks_y) {}

  unsigned x, y;
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
  cudaLaunchAttribute overlap{};
  config.attrs = &overlap;
  if (queue.overlap == Overlap::on && is_for_hopper(kernel)) {
    config.numAttrs = 1;
    overlap.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    overlap.val.programmaticStreamSerializationAllowed = 1;
  }
  check(cudaLaunchKernelEx(&config, kernel, args...), name);
  check(cudaGetLastError(), name);
}

}  // namespace perfgate
