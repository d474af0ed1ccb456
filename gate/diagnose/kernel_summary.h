// SPDX-License-Identifier: Apache-2.0
// A step's timeline in numbers: the kernel summary of nsys, and the gaps.
#pragma once

#include <cstddef>
#include <vector>

#include "gate/record/timeline.h"

namespace perfgate {

/// All runs of one kernel with the same grid and block.
struct LaunchSummary {
  std::size_t launch = 0;  ///< index into StepTimeline::launches
  int instances = 0;
  double total_s = 0, min_s = 0, max_s = 0;
  double share = 0;  ///< ratio to the time of all kernels

  double mean_s() const { return total_s / instances; }
};

struct StepSummary {
  int repetitions = 0;
  double span_s = 0;                    ///< first kernel's start to last kernel's end
  double busy_s = 0;                    ///< the part of span_s with a kernel running
  std::vector<LaunchSummary> launches;  ///< ordered by total time, longest first
};

StepSummary summarize(const StepTimeline& timeline);

/// Returns the kernels of one repetition in the middle of the step: neither the first nor, where
/// there are more than two, the last, which may differ from the others. Times stay relative to the
/// step.
std::vector<KernelSpan> typical_repetition(const StepTimeline& timeline);

}  // namespace perfgate
