// SPDX-License-Identifier: Apache-2.0
// The device that the runner sees, for the record's fingerprint.
#pragma once

#include <string>

#include "gate/record/record.h"

namespace perfgate {

/// Describes device 0. The gate adds what only NVML knows (driver, VBIOS, power limit, ECC, MIG).
/// The counters process adds the chip's name, because CUPTI crashes when it is asked for it before
/// its profiler is open. Throws DeviceError when there is no usable device.
GpuFingerprint device_fingerprint();

/// Versions that this runner was built with and runs with: "CUDA 13.0, cuBLAS 13.1.0".
std::string cuda_version();
std::string cublas_version();

}  // namespace perfgate
