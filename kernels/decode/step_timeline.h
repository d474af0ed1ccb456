// One step of a workload, kernel by kernel: as the measurement replays it, and launched one by one,
// where the CPU's calls and the gaps between kernels are seen.
//
// The second one is also traced on the CPU's side, as nsys does it. That makes each call a little
// longer, so where the GPU waits for the CPU, the gaps are too.
#pragma once

#include <vector>

#include "gate/record/record.h"
#include "kernels/cupti/modules.h"
#include "kernels/decode/decode_step.h"

namespace perfgate {

/// Of some steps after a warm-up the one with the median length, for each way of launching them.
/// Throws DeviceError when a trace is not whole.
std::vector<StepTimeline> step_timelines(DecodeStep& step, const Modules& modules);

}  // namespace perfgate
