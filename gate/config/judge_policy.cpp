// SPDX-License-Identifier: Apache-2.0
#include "gate/config/judge_policy.h"

#include <algorithm>

#include "gate/util/text.h"

namespace perfgate {

const Tolerance& JudgePolicy::tolerance_of(std::string_view case_id) const {
  const auto match =
      std::find_if(tolerances.rbegin(), tolerances.rend(),
                   [&](const Tolerance& entry) { return glob_match(entry.cases, case_id); });
  // parse_policy made sure that the first entry matches everything.
  return match == tolerances.rend() ? tolerances.front() : *match;
}

const MetricTolerance* JudgePolicy::metric_tolerance(std::string_view metric,
                                                     std::string_view case_id) const {
  const auto match = std::find_if(
      metric_tolerances.rbegin(), metric_tolerances.rend(), [&](const MetricTolerance& entry) {
        return entry.metric == metric && glob_match(entry.cases, case_id);
      });
  return match == metric_tolerances.rend() ? nullptr : &*match;
}

const MeantSlowdown* JudgePolicy::meant_slowdown(std::string_view case_id) const {
  const auto match =
      std::find_if(accepts.rbegin(), accepts.rend(),
                   [&](const MeantSlowdown& entry) { return glob_match(entry.cases, case_id); });
  return match == accepts.rend() ? nullptr : &*match;
}

}  // namespace perfgate
