// Launching kernels: the few lines that every operator shares.
#pragma once

#include <cuda_runtime.h>

#include <type_traits>

#include "kernels/cuda_check.h"

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

/// Launches a 1-D grid. A bad configuration or a sticky error of an earlier kernel is thrown here,
/// under this kernel's name. A grid of no blocks is no work.
template <class... Params>
void launch(const char* name, void (*kernel)(Params...), unsigned grid, unsigned block,
            cudaStream_t stream, std::type_identity_t<Params>... args) {
  if (grid == 0) return;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(grid);
  config.blockDim = dim3(block);
  config.stream = stream;
  check(cudaLaunchKernelEx(&config, kernel, args...), name);
  check(cudaGetLastError(), name);
}

}  // namespace perfgate
