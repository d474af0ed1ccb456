// SPDX-License-Identifier: Apache-2.0
// Explains why a case's duration changed: one sentence by fixed rules, each with the evidence that
// it needs. The first rule that holds gives the sentence; the last rule says that the evidence does
// not settle it. The judged change is explained by the counters, which another process took: so the
// sentence names the counters' own change, and says so when it disagrees with the judged one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/diagnose/root_cause.h"
#include "gate/diagnose/time_breakdown.h"
#include "gate/judge/launch_match.h"
#include "gate/record/kernel_launch.h"
#include "gate/record/metric.h"
#include "gate/util/stats.h"

namespace perfgate {

/// Whether the driver lowered the clocks against the power limit while the counters were taken.
enum class PowerCap { not_seen, seen };

/// The input of an explanation; it refers to values that outlive the call.
struct Observed {
  const std::optional<Change>& change;  ///< the judged change
  const MetricPairs& metrics;
  const std::optional<TimeBreakdown>& split;
  CodeMatch code = CodeMatch::unknown;
  const std::vector<KernelLaunch>&base_launches, &launches;
  PowerCap power_cap = PowerCap::not_seen;
};

struct Explanation {
  Cause cause = Cause::unknown;
  std::string sentence;  ///< "" when there is nothing to compare
};

Explanation explain(const Observed& observed);

}  // namespace perfgate
