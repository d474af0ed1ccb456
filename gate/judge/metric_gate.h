// SPDX-License-Identifier: Apache-2.0
// Counters can decide: the work that a kernel does (instructions, HBM bytes) repeats to a fraction
// of a percent, so a change of it needs no statistics and shows where the clock shows nothing.
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

/// A metric that both sides have and for which the policy has a tolerance.
struct MetricCheck {
  std::string metric;
  double base = 0, head = 0;  ///< SI
  double ratio = 0;           ///< head / base - 1
  double tolerance = 0;       ///< ratio
  double floor = 0;           ///< SI; smaller changes are never a breach
  bool repeats = false;  ///< exact or near (metric.h) on both sides; scatter never fails the gate
  bool breach = false;   ///< it repeats, and got worse by more than is allowed

  /// Returns the change in units of what is allowed, so that bytes and instructions compare.
  double excess() const;
};

/// Returns checks in the metrics' order. A metric without a worse direction breaches either way.
std::vector<MetricCheck> check_metrics(std::string_view case_id, const CaseView& head,
                                       const BaselineCase& base, const std::vector<Metric>& metrics,
                                       const JudgePolicy& policy);

/// Returns the metric that repeats and changed most beyond its tolerance, for better or worse;
/// null: there is none. The same machine code does another amount of work only for other arguments
/// or data.
const MetricCheck* other_amount(const std::vector<MetricCheck>& checks);

/// Returns the metric that rose most, by at least half as much as the duration, whether it repeats
/// or not; null: there is none. One that scatters proves nothing, but it says that the machine
/// alone is no explanation.
const MetricCheck* amount_like(const std::vector<MetricCheck>& checks, double slowdown);

/// Returns the breach that exceeds its tolerance most; null: there is none.
const MetricCheck* worst_breach(const std::vector<MetricCheck>& checks);

}  // namespace perfgate
