// SPDX-License-Identifier: Apache-2.0
// A step's timeline in numbers: the kernel summary of nsys, and the gaps.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gate/record/timeline.h"

namespace perfgate {

/// All runs of one kernel with the same grid and block.
struct LaunchSummary : LaunchTimes {
  double share = 0;  ///< ratio to the time of all kernels

  double mean_s() const { return total_s / instances; }
};

struct StepSummary {
  int repetitions = 0;                  ///< of the step that is shown
  double span_s = 0;                    ///< its first kernel's start to its last kernel's end
  double busy_s = 0;                    ///< the part of span_s with a kernel running
  std::vector<LaunchSummary> launches;  ///< of all steps; ordered by total time, longest first
  std::string of;                       ///< what they are of: "a step of 32 repetitions"
};

StepSummary summarize(const StepTimeline& timeline);

/// Returns the kernels of one repetition in the middle of the step: neither the first nor, where
/// there are more than two, the last, which may differ from the others. Times stay relative to the
/// step.
std::vector<KernelSpan> typical_repetition(const StepTimeline& timeline);

}  // namespace perfgate
