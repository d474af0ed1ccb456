// SPDX-License-Identifier: Apache-2.0
// Traces one step of a workload, kernel by kernel: as the measurement replays it, and launched one
// by one, which shows the CPU's calls and the gaps between kernels.
//
// The second trace also covers the CPU's side, as nsys does. That makes each call a little longer,
// so where the GPU waits for the CPU, the gaps grow too.
// longer, so where the GPU waits for the CPU, the gaps are too.
#pragma once

#include <vector>

#include "gate/record/record.h"
#include "kernels/cupti/modules.h"
#include "kernels/decode/decode_step.h"

namespace perfgate {

/// Returns, for each way of launching, the step of median length among some after a warm-up. Throws
/// DeviceError when a trace is incomplete.
std::vector<StepTimeline> step_timelines(DecodeStep& step, const Modules& modules);

}  // namespace perfgate
