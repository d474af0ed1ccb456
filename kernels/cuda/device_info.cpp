// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/device_info.h"

#include <cublasLt.h>
#include <cuda_runtime.h>
#include <fmt/format.h>

#include "kernels/cuda/cuda_check.h"

namespace perfgate {

namespace {

std::string uuid_text(const cudaUUID_t& uuid) {
  // GPU-8-4-4-4-12, as NVML and nvidia-smi write it.
  std::string text = "GPU-";
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned char>(uuid.bytes[i]));
  }
  return text;
}

}  // namespace

std::string cuda_version() {
  return fmt::format("{}.{}", CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
}

std::string cublas_version() {
  // The version is the loaded library's, not the header's: major * 10000 + minor * 100 + patch
  // since cuBLAS 12.
  const std::size_t version = cublasLtGetVersion();
  return fmt::format("{}.{}.{}", version / 10000, version / 100 % 100, version % 100);
}

GpuFingerprint device_fingerprint() {
  check(cudaSetDevice(0), "cudaSetDevice(0)");
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, 0), "cudaGetDeviceProperties");
  GpuFingerprint gpu;
  gpu.name = properties.name;
  gpu.uuid = uuid_text(properties.uuid);
  gpu.compute_capability = fmt::format("{}.{}", properties.major, properties.minor);
  gpu.sm_count = properties.multiProcessorCount;
  gpu.l2_bytes = properties.l2CacheSize;
  gpu.memory_bytes = static_cast<std::int64_t>(properties.totalGlobalMem);
  gpu.cuda = cuda_version();
  gpu.cublas = cublas_version();
  return gpu;
}

}  // namespace perfgate
