// SPDX-License-Identifier: Apache-2.0
// What counting on this device needs; it is opened once in a process.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <string>
#include <vector>

namespace perfgate {

/// CUPTI's profiling interface on the current device.
struct ProfilerSession {
  CUcontext context;
  std::string chip;                        ///< CUPTI's name: "GH100"
  std::vector<std::uint8_t> availability;  ///< what can be counted here, for MetricHost
};

/// Opens it on this context of this device (an ordinal). It takes 0.25 to 0.8 s and must come
/// before any range profiler is enabled. Throws CountersUnavailable, with the reason and the fix,
/// when this machine will not count, and DeviceError otherwise.
ProfilerSession open_profiler_session(CUcontext context, int device);

/// The session of the runtime's current device. The first call opens it. Throws as above, and
/// DeviceError when the current device or context is not the first call's.
const ProfilerSession& profiler_session();

}  // namespace perfgate
