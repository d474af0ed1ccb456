// SPDX-License-Identifier: Apache-2.0
// Every CUPTI return code goes through here; the error for a refusal that the user can lift says
// how.
#pragma once

#include <cupti_result.h>

#include <array>
#include <cstddef>
#include <source_location>
#include <string>

#include "kernels/cuda/cuda_check.h"

namespace perfgate {

/// CUPTI works but refuses to count (or trace) here: rights are missing, another profiler runs, or
/// the GPU is virtual. what() ends with the likely cause and the fix. Nothing is wrong with the
/// kernels.
struct CountersUnavailable : DeviceError {
  using DeviceError::DeviceError;
};

/// A result by which CUPTI refuses a machine rather than a call.
struct CuptiRefusal {
  CUptiResult result;
  const char* diagnosis;
};

inline constexpr std::array<CuptiRefusal, 12> cupti_refusals{{
    {CUPTI_ERROR_INSUFFICIENT_PRIVILEGES,
     "the driver keeps performance counters for administrators: load it with "
     "NVreg_RestrictProfilingToAdminUsers=0 (options nvidia ... in /etc/modprobe.d), or run with "
     "CAP_SYS_ADMIN (as root; in a container, docker run --cap-add=SYS_ADMIN)"},
    {CUPTI_ERROR_HARDWARE_BUSY,
     "another client holds the GPU's performance monitors, most often DCGM: run `dcgmi profile "
     "--pause` before and `dcgmi profile --resume` after, or end the other profiler"},
    {CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED,
     "another CUPTI tool is attached to this process: run without nsys, ncu, cuda-gdb and "
     "CUDA_INJECTION64_PATH"},
    {CUPTI_ERROR_DISABLED,
     "another profiler is enabled in this process: run without nsys, ncu and "
     "CUDA_INJECTION64_PATH"},
    {CUPTI_ERROR_VIRTUALIZED_DEVICE_NOT_SUPPORTED,
     "this is a virtual GPU whose type has no counters: use GPU passthrough or bare metal"},
    {CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES,
     "the hypervisor forbids profiling on this virtual GPU: set enable_profiling=1 in the vGPU's "
     "plugin parameters on the host, or use GPU passthrough"},
    {CUPTI_ERROR_MIG_DEVICE_NOT_SUPPORTED,
     "this MIG instance cannot be profiled: use the whole GPU (nvidia-smi -mig 0)"},
    {CUPTI_ERROR_CONFIDENTIAL_COMPUTING_NOT_SUPPORTED,
     "confidential computing is on, which forbids profiling: use a GPU without it, or its devtools "
     "mode"},
    {CUPTI_ERROR_CMP_DEVICE_NOT_SUPPORTED, "mining processors (CMP) have no profiling: use a GPU"},
    {CUPTI_ERROR_SLI_DEVICE_NOT_SUPPORTED, "the GPU is in an SLI group: disable SLI"},
    {CUPTI_ERROR_WSL_DEVICE_NOT_SUPPORTED,
     "this WSL setup has no profiling: use a newer Windows driver with WSL 2, or Linux itself"},
    {CUPTI_ERROR_NOT_SUPPORTED,
     "CUPTI does not support this GPU, driver or platform: counters need compute capability 7.5 or "
     "higher and a driver at least as new as the CUDA toolkit"},
}};

inline void check(CUptiResult status, const char* call,
                  std::source_location where = std::source_location::current()) {
  if (status == CUPTI_SUCCESS) return;
  const char* name = nullptr;
  if (cuptiGetResultString(status, &name) != CUPTI_SUCCESS || name == nullptr) name = "CUPTI error";
  // The text has the number too, because CUPTI calls several of its own results "<unknown>".
  const std::string failure = std::string(call) + ": " + name + " " +
                              std::to_string(static_cast<int>(status)) + " (" + where.file_name() +
                              ":" + std::to_string(where.line()) + ")";
  for (const CuptiRefusal& refusal : cupti_refusals) {
    if (refusal.result == status) throw CountersUnavailable(failure + ": " + refusal.diagnosis);
  }
  throw DeviceError(failure);
}

/// A zeroed CUPTI parameter block of the size that its _STRUCT_SIZE macro gives (not sizeof: CUPTI
/// tells the versions of a block apart by that size).
template <class Params>
Params cupti_params(std::size_t struct_size) {
  Params params{};
  params.structSize = struct_size;
  return params;
}

}  // namespace perfgate
