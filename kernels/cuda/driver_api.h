// SPDX-License-Identifier: Apache-2.0
// Looks driver functions up by name. Linking libcuda would keep the runner from starting where
// there is no driver, and then it could not even list what it can do.
#pragma once

#include <cuda.h>
#include <cuda_runtime.h>

#include <string>

#include "kernels/cuda/cuda_check.h"

namespace perfgate {

/// Returns the driver's function `name` with the signature `Function`, as CUDA 12.4 declares it.
/// Throws DeviceError when this driver lacks it.
template <class Function>
Function driver_function(const char* name) {
  void* entry = nullptr;
  cudaDriverEntryPointQueryResult found = cudaDriverEntryPointSymbolNotFound;
  constexpr unsigned version = 12040;
  check(cudaGetDriverEntryPointByVersion(name, &entry, version, cudaEnableDefault, &found),
        "cudaGetDriverEntryPointByVersion");
  if (found != cudaDriverEntryPointSuccess || !entry)
    throw DeviceError(std::string("the NVIDIA driver has no ") + name +
                      ": it is older than CUDA 12.4");
  return reinterpret_cast<Function>(entry);
}

}  // namespace perfgate
