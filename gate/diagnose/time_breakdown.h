// A change of a kernel's duration as what it is made of. By definition of the three counters
//
//   duration = instructions / (IPC of an SM * SMs * SM clock)
//
// so in logs a change is the sum of three changes, whatever the kernel does. What is split is the
// duration that the profiler itself saw: it belongs to the same process as the other three. The
// traced duration, which is judged, is of other processes, where the kernels follow each other in a
// graph.
//
// The runner takes the four from one collection, so the sum is exact. In records of before, and
// where a run has several counter processes, each is a median by itself, so the four need not
// be of the same collection, and the sum may miss: by up to 0.1 % for a whole layer, 0.4 % for
// kernels of 20 us and more, 1.5 % for one of 3 us (H200). That is `rest`; it is shown and never
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

/// From the metrics gpu_time, instructions, ipc and sm_clock; empty when one is not there, or not
/// above 0, on both sides.
std::optional<TimeBreakdown> break_down(const MetricPairs& metrics);

/// ln(head / base) of a metric; empty as above.
std::optional<double> log_change(const MetricPairs& metrics, const char* id);

}  // namespace perfgate
