// Why a case's duration changed: one sentence by fixed rules, each with the evidence that it needs.
// The first rule that holds speaks; the last one says that the evidence does not settle it. What is
// explained is the judged change; what explains it are the counters, which another process took:
// so the sentence names the counters' own change, and when that one does not go along it says so.
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

/// What an explanation is made from; it refers to values that outlive the call.
struct Observed {
  const std::optional<Change>& change;  ///< the judged one
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
