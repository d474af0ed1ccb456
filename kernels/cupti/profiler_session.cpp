// SPDX-License-Identifier: Apache-2.0
#include "kernels/cupti/profiler_session.h"

#include <cupti_profiler_target.h>
#include <cupti_target.h>

#include <array>
#include <cstddef>

#include "kernels/cupti/cupti_check.h"

namespace perfgate {
namespace {

struct SupportReason {
  CUpti_Profiler_Support_Level CUpti_Profiler_DeviceSupported_Params::*level;
  const char* diagnosis;
};

constexpr std::array<SupportReason, 6> support_reasons{{
    {&CUpti_Profiler_DeviceSupported_Params::architecture,
     "the GPU is older than compute capability 7.5"},
    {&CUpti_Profiler_DeviceSupported_Params::vGpu,
     "it is a virtual GPU without profiling (set enable_profiling=1 in the vGPU's plugin "
     "parameters on the host, or use GPU passthrough)"},
    {&CUpti_Profiler_DeviceSupported_Params::confidentialCompute,
     "confidential computing is on (use a GPU without it, or its devtools mode)"},
    {&CUpti_Profiler_DeviceSupported_Params::cmp, "it is a mining processor (CMP)"},
    {&CUpti_Profiler_DeviceSupported_Params::sli, "it is in an SLI group (disable SLI)"},
    {&CUpti_Profiler_DeviceSupported_Params::wsl,
     "WSL has no profiling here (use a newer Windows driver with WSL 2, or Linux itself)"},
}};

/// Returns whether CUPTI refuses. It answers "unknown" where it can't tell; then the calls that
/// follow give the answer.
bool refuses(CUpti_Profiler_Support_Level level) {
  return level == CUPTI_PROFILER_CONFIGURATION_UNSUPPORTED ||
         level == CUPTI_PROFILER_CONFIGURATION_DISABLED;
}

void check_supported(int device) {
  auto params = cupti_params<CUpti_Profiler_DeviceSupported_Params>(
      CUpti_Profiler_DeviceSupported_Params_STRUCT_SIZE);
  params.cuDevice = device;  // a CUdevice is the ordinal
  params.api = CUPTI_PROFILER_RANGE_PROFILING;
  check(cuptiProfilerDeviceSupported(&params), "cuptiProfilerDeviceSupported");
  if (!refuses(params.isSupported)) return;
  std::string reasons;
  for (const SupportReason& reason : support_reasons) {
    if (refuses(params.*reason.level)) {
      reasons += (reasons.empty() ? "" : "; ") + std::string(reason.diagnosis);
    }
  }
  throw CountersUnavailable("cuptiProfilerDeviceSupported: no counters on device " +
                            std::to_string(device) + ": " +
                            (reasons.empty() ? "CUPTI gives no reason" : reasons));
}

std::vector<std::uint8_t> counter_availability(CUcontext context) {
  auto params = cupti_params<CUpti_Profiler_GetCounterAvailability_Params>(
      CUpti_Profiler_GetCounterAvailability_Params_STRUCT_SIZE);
  params.ctx = context;
  // Asking for the size alone may take CUPTI as long as the answer itself. So this offers a buffer
  // that should be large enough, and asks for the size only when it is not.
  std::vector<std::uint8_t> image(std::size_t{1} << 20);
  params.counterAvailabilityImageSize = image.size();
  params.pCounterAvailabilityImage = image.data();
  if (cuptiProfilerGetCounterAvailability(&params) == CUPTI_SUCCESS) {
    image.resize(params.counterAvailabilityImageSize);
    return image;
  }
  params.counterAvailabilityImageSize = 0;
  params.pCounterAvailabilityImage = nullptr;
  check(cuptiProfilerGetCounterAvailability(&params), "cuptiProfilerGetCounterAvailability");
  image.assign(params.counterAvailabilityImageSize, 0);
  params.pCounterAvailabilityImage = image.data();
  check(cuptiProfilerGetCounterAvailability(&params), "cuptiProfilerGetCounterAvailability");
  image.resize(params.counterAvailabilityImageSize);
  return image;
}

}  // namespace

ProfilerSession open_profiler_session(CUcontext context, int device) {
  ProfilerSession session;
  session.context = context;
  auto initialize =
      cupti_params<CUpti_Profiler_Initialize_Params>(CUpti_Profiler_Initialize_Params_STRUCT_SIZE);
  check(cuptiProfilerInitialize(&initialize), "cuptiProfilerInitialize");
  check_supported(device);
  // This call needs a driver and a device: without them it crashes (CUPTI 13.0).
  auto chip =
      cupti_params<CUpti_Device_GetChipName_Params>(CUpti_Device_GetChipName_Params_STRUCT_SIZE);
  chip.deviceIndex = static_cast<std::size_t>(device);
  check(cuptiDeviceGetChipName(&chip), "cuptiDeviceGetChipName");
  session.chip = chip.pChipName;
  // This call comes before any range profiler is enabled: beside one it may fail.
  session.availability = counter_availability(session.context);
  return session;
}

}  // namespace perfgate
