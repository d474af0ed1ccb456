// SPDX-License-Identifier: Apache-2.0
// Explains why a case's duration changed: the causes of a closed table (root_cause.h), each with
// its evidence and the part of the change that it explains, the largest part first. The launches
// come first, because they need no counter. The counters were taken by another process than the
// judged durations: where these did not see the change, they explain nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/diagnose/root_cause.h"
#include "gate/diagnose/time_breakdown.h"
#include "gate/judge/launch_match.h"
#include "gate/record/gpu_fingerprint.h"
#include "gate/record/kernel_launch.h"
#include "gate/record/metric.h"
#include "gate/util/stats.h"

namespace perfgate {

/// Whether the driver lowered the clocks against the power limit while the counters were taken.
enum class PowerCap { not_seen, seen };

/// What the change is against: runs of another day, or a base build's in the same rounds.
enum class Against { stored, base_build };

/// The input of an explanation; it refers to values that outlive the call.
struct Observed {
  const std::optional<Change>& change;  ///< the judged change
  const MetricPairs& metrics;
  const std::optional<TimeBreakdown>& split;
  CodeMatch code = CodeMatch::unknown;
  const std::vector<KernelLaunch>&base_launches, &launches;
  const GpuFingerprint& gpu;
  PowerCap power_cap = PowerCap::not_seen;
  Against against = Against::stored;
};

struct Explanation {
  Cause cause = Cause::none;       ///< that of at least half of the change; else unknown
  std::vector<CauseFound> causes;  ///< the largest share first; none without a change
  std::string sentence;            ///< "" when there is nothing to compare
};

Explanation explain(const Observed& observed);

/// Returns the cause's title for a change in this direction: "more work", "less work"; "" for none.
std::string_view cause_title(Cause cause, const std::optional<Change>& change);

}  // namespace perfgate
