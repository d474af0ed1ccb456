// SPDX-License-Identifier: Apache-2.0
// What explains one case's verdict: where the time went, how far the case is from the roofs, which
// kernels it launched, how its durations are spread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/diagnose/roofline.h"
#include "gate/diagnose/root_cause.h"
#include "gate/diagnose/time_breakdown.h"
#include "gate/record/metric.h"
#include "gate/record/record.h"

namespace perfgate {

/// What the timing processes measured of one case. A baseline's file keeps only the process
/// statistics, a run also the samples.
struct Distribution {
  std::vector<double> base_s, head_s;                  ///< the screen's process statistics
  std::vector<double> rounds_base_s, rounds_head_s;    ///< the confirmation's; base: the base build
  std::vector<Timing> processes;                       ///< head's, of the screen: with quartiles
  std::vector<double> base_samples_s, head_samples_s;  ///< of all processes; empty: not kept
};

struct CaseAnalysis {
  MetricPairs metrics;
  Cause cause = Cause::none;
  std::vector<CauseFound> causes;      ///< what the evidence supports, the largest share first
  std::string explanation;             ///< one sentence: the cause, its evidence and its size
  std::optional<TimeBreakdown> split;  ///< splits the counters' own duration
  std::optional<Roofline> base_roofline, roofline;
  std::vector<KernelLaunch> base_launches, launches;  ///< empty for a case that is made of others
  std::vector<std::string> kernels;                   ///< the names of `launches`
  Distribution distribution;
};

}  // namespace perfgate
