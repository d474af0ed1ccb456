// Counters that decide: the work that a kernel does (instructions, DRAM bytes) repeats to a
// fraction of a percent, so a change of it needs no statistics and is seen where the clock sees
// nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "case_view.h"
#include "config.h"

namespace perfgate {

struct BaselineCase;

/// The metric that got worse by more than the policy allows.
struct MetricBreach {
  std::string metric;
  double base = 0, head = 0;  ///< SI
  double ratio = 0;           ///< of head to base, minus 1
  double tolerance = 0;       ///< ratio
};

/// The breach that exceeds its tolerance most. Only a metric that is exact or near on both sides
/// (metric.h) can breach, so that scatter never fails the gate; one without a worse direction
/// breaches either way.
std::optional<MetricBreach> worst_breach(std::string_view case_id, const CaseView& head,
                                         const BaselineCase& base,
                                         const std::vector<Metric>& metrics,
                                         const JudgePolicy& policy);

}  // namespace perfgate
