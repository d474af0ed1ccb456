// The device that the runner sees, for the record's fingerprint.
#pragma once

#include <string>

#include "gate/record/record.h"

namespace perfgate {

/// Device 0. What only NVML knows (driver, VBIOS, power limit, ECC, MIG) is left to the gate, the
/// chip's name to the counters process: CUPTI crashes when it is asked before its profiler is open.
/// Throws DeviceError when there is no usable device.
GpuFingerprint device_fingerprint();

/// Versions that this runner was built with and runs with: "CUDA 13.0, cuBLAS 13.1.0".
std::string cuda_version();
std::string cublas_version();

}  // namespace perfgate
