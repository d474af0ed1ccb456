// SPDX-License-Identifier: Apache-2.0
// What moved between the counters of the two sides, as far as it is evidence for a cause.
#pragma once

#include <optional>
#include <string>

#include "gate/diagnose/time_breakdown.h"
#include "gate/record/metric.h"

namespace perfgate {

// Counts of unchanged runs differ by up to 0.08 %, and a tenth of a megabyte is page tables and
// chance (docs/results.md; configs/perfgate.toml judges by the same numbers).
inline constexpr double least_work = 0.005;
// Two points; two passes of one kernel agree to half a point.
inline constexpr double least_hit_rate = 0.02;

/// The changes are natural logs of head / base; empty where a side is missing or in doubt.
struct CounterChanges {
  std::optional<double> instructions, hbm, sectors, sectors_a_request, occupancy;
  std::optional<MetricPair> hit_rate, request;  ///< request: L1 sectors a request

  /// Returns how much the hit rate rose, in points / 100.
  double hit_rate_rise() const;
};

CounterChanges counter_changes(const MetricPairs& metrics);

/// The stall reason that grew (or shrank) most with the duration.
struct Stall {
  std::string id;
  double change = 0;  ///< cycles per instruction
};
/// Empty when none makes up half of the change of a warp's wait. `slower`: which way to look.
std::optional<Stall> main_stall(const MetricPairs& metrics, bool slower);

}  // namespace perfgate
