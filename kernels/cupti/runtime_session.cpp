// SPDX-License-Identifier: Apache-2.0
// The profiler session of a process that uses the CUDA runtime: the runner's.
#include <cudaTypedefs.h>

#include "kernels/cupti/cupti_check.h"
#include "kernels/cupti/profiler_session.h"

namespace perfgate {
namespace {

/// The runtime hands out the driver's entry point: linking libcuda would keep the program from
/// starting on a machine without a driver.
CUcontext current_context() {
  check(cudaFree(nullptr), "cudaFree(nullptr)");  // makes the runtime's context, if there is none
  void* entry = nullptr;
  cudaDriverEntryPointQueryResult found = cudaDriverEntryPointSymbolNotFound;
  constexpr unsigned introduced = 4000;  // CUDA 4.0
  check(cudaGetDriverEntryPointByVersion("cuCtxGetCurrent", &entry, introduced, cudaEnableDefault,
                                         &found),
        "cudaGetDriverEntryPointByVersion(cuCtxGetCurrent)");
  CUcontext context = nullptr;
  if (found != cudaDriverEntryPointSuccess || entry == nullptr ||
      reinterpret_cast<PFN_cuCtxGetCurrent_v4000>(entry)(&context) != CUDA_SUCCESS ||
      context == nullptr) {
    throw DeviceError("cuCtxGetCurrent: no current CUDA context");
  }
  return context;
}

ProfilerSession open_session() {
  int device = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  return open_profiler_session(current_context(), device);
}

}  // namespace

const ProfilerSession& profiler_session() {
  static const ProfilerSession only = open_session();
  if (current_context() != only.context) {
    throw DeviceError("the counters of a process belong to its first device and context");
  }
  return only;
}

}  // namespace perfgate
