// SPDX-License-Identifier: Apache-2.0
// What the measurements of a workload share: its step, and how it fails.
#pragma once

#include <string>
#include <vector>

#include "gate/decode/decode_source.h"
#include "gate/record/record.h"
#include "kernels/cuda/stream.h"
#include "kernels/decode/decode_step.h"

namespace perfgate {

/// Adds `why` as the failure of each of `cases`.
void fail_cases(ProcessRecord& record, const std::vector<StageCase>& cases, const std::string& why);

/// Returns the step that measures a workload: enough resident layers for cold weights.
DecodeStep make_step(const Workload& workload, const DecodePlan& plan, const GpuFingerprint& gpu,
                     cudaStream_t stream, const StepMemory& memory = {});

}  // namespace perfgate
