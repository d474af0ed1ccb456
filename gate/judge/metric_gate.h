// Counters that decide: the work that a kernel does (instructions, DRAM bytes) repeats to a
// fraction of a percent, so a change of it needs no statistics and is seen where the clock sees
// nothing.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gate/config/judge_policy.h"
#include "gate/record/metric.h"
#include "gate/run/run_view.h"

namespace perfgate {

struct BaselineCase;

/// A metric of which the policy says how much worse it may get, on both sides.
struct MetricCheck {
  std::string metric;
  double base = 0, head = 0;  ///< SI
  double ratio = 0;           ///< of head to base, minus 1
  double tolerance = 0;       ///< ratio
  double floor = 0;           ///< SI; smaller changes are never a breach
  bool repeats = false;  ///< exact or near (metric.h) on both sides; scatter never fails the gate
  bool breach = false;   ///< it repeats, and got worse by more than is allowed

  /// The change in units of what is allowed, so that bytes and instructions compare.
  double excess() const;
};

/// In the metrics' order. One without a worse direction breaches either way.
std::vector<MetricCheck> check_metrics(std::string_view case_id, const CaseView& head,
                                       const BaselineCase& base, const std::vector<Metric>& metrics,
                                       const JudgePolicy& policy);

/// The breach that exceeds its tolerance most; null: there is none.
const MetricCheck* worst_breach(const std::vector<MetricCheck>& checks);

}  // namespace perfgate
