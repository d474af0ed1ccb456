// A timing process: sentinels, then for each workload the check of every stage and the durations,
// as the GPU's own clock has them.
#pragma once

#include "gate/record.h"
#include "kernels/step_check.h"

namespace perfgate {

/// Measures the plan on the current device. A workload that fails (too little memory, a kernel
/// error that leaves the device usable) becomes failures of its cases; anything that ends the
/// device's context throws DeviceError.
ProcessRecord time_plan(const Plan& plan, const GpuFingerprint& gpu);

/// Only the checks of the plan's stages, for `perfgate-runner check`. `layers` 0: as many as the
/// measurement would hold.
std::vector<CaseCheck> check_plan(const Plan& plan, const GpuFingerprint& gpu, int layers,
                                  Gemms gemms);

}  // namespace perfgate
