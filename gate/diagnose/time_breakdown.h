// SPDX-License-Identifier: Apache-2.0
// Splits a change of a kernel's duration into its parts. By definition of the three counters
//   duration = instructions / (IPC of an SM * SMs * SM clock)
//
// so in logs a change is the sum of three changes, whatever the kernel does. The split duration is
// the one that the profiler itself saw: it comes from the same process as the other three. The
// traced duration, which is judged, comes from other processes, where the kernels follow each other
// in a graph.
//
// The runner takes the four from one collection, so the sum is exact. In older records, and where a
// run has several counter processes, each is a median by itself, so the four need not come from the
// same collection, and the sum may miss: by up to 0.1 % for a whole layer, 0.4 % for kernels of 20
// us and more, 1.5 % for one of 3 us (H200). `rest` holds that difference; it is shown and never
// distributed.
// shared out.
#pragma once

#include <optional>

#include "gate/record/metric.h"

namespace perfgate {

/// Natural logs of head / base; positive makes the duration longer.
struct TimeBreakdown {
  double base_s = 0, head_s = 0;  ///< the durations that are split, seconds
  double instructions = 0;
  double ipc = 0;    ///< positive: fewer instructions a cycle
  double clock = 0;  ///< positive: a lower clock
  double rest = 0;

  double total() const { return instructions + ipc + clock + rest; }
};

/// Splits by the metrics gpu_time, instructions, ipc and sm_clock; empty when one of them is
/// missing or not above 0 on either side.
std::optional<TimeBreakdown> break_down(const MetricPairs& metrics);

/// Returns ln(head / base) of a metric; empty as above.
std::optional<double> log_change(const MetricPairs& metrics, const char* id);

}  // namespace perfgate
