// SPDX-License-Identifier: Apache-2.0
// Every CUDA and cuBLAS return code goes through here: exit code 0 proves nothing about a GPU.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <source_location>
#include <stdexcept>
#include <string>

namespace perfgate {

/// A CUDA, cuBLAS or CUPTI call failed; what() gives the call, its place in the source and the
/// library's error text.
struct DeviceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void check(cudaError_t status, const char* call,
                  std::source_location where = std::source_location::current()) {
  if (status == cudaSuccess) return;
  throw DeviceError(std::string(call) + ": " + cudaGetErrorName(status) + ": " +
                    cudaGetErrorString(status) + " (" + where.file_name() + ":" +
                    std::to_string(where.line()) + ")");
}

inline void check(cublasStatus_t status, const char* call,
                  std::source_location where = std::source_location::current()) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw DeviceError(std::string(call) + ": " + cublasLtGetStatusName(status) + " (" +
                    where.file_name() + ":" + std::to_string(where.line()) + ")");
}

}  // namespace perfgate
