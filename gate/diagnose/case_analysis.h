// What explains one case's verdict: where the time went, how far it is from the roofs, what was
// launched, how the durations are spread.
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

/// What the timing processes saw of one case. Of a baseline only the process statistics are kept.
struct Distribution {
  std::vector<double> base_s, head_s;                ///< one process statistic each, of the screen
  std::vector<double> rounds_base_s, rounds_head_s;  ///< of the confirmation; base: the base build
  std::vector<Timing> processes;  ///< head's, of the screen: quartiles, and samples where kept
};

struct CaseAnalysis {
  MetricPairs metrics;
  Cause cause = Cause::unknown;
  std::string explanation;             ///< one sentence: what the counters say about the change
  std::optional<TimeBreakdown> split;  ///< of the counters' own duration
  std::optional<Roofline> base_roofline, roofline;
  std::vector<KernelLaunch> base_launches, launches;  ///< none for a case that is made of others
  std::vector<std::string> kernels;                   ///< the names of `launches`
  Distribution distribution;
};

}  // namespace perfgate
