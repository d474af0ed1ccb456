// SPDX-License-Identifier: Apache-2.0
// The verdict on one case, with the numbers that it rests on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "gate/judge/launch_match.h"
#include "gate/judge/metric_gate.h"
#include "gate/judge/verdict.h"
#include "gate/judge/verdict_basis.h"
#include "gate/util/stats.h"

namespace perfgate {

struct CaseVerdict {
  std::string id;
  Reason reason = Reason::not_measured;
  std::string why;                       ///< the reason in words, with its numbers
  std::optional<double> base_s, head_s;  ///< medians of the process statistics
  std::optional<Change> change;
  /// Against the stored baseline: a proved slowdown that the base build does not show, so it came
  /// before this change; empty: there is none.
  std::optional<Change> drift;
  double tolerance = 0;  ///< ratio; what the policy allows this case
  /// The ratio that the change was compared with: the tolerance, but at least the floor in seconds,
  /// and more against another board's baseline. Without evidence it is the tolerance.
  double threshold = 0;
  int rounds = 0;  ///< how many fresh rounds measured it again
  CodeMatch code = CodeMatch::unknown;
  std::optional<VerdictBasis> basis;       ///< empty: there was no evidence to weigh
  std::vector<MetricCheck> metric_checks;  ///< the metrics that may fail the gate

  Verdict verdict() const { return reason_info(reason).verdict; }
};

/// Counts the `cases`, which are verdicts or contain one, that have this verdict.
template <class Cases>
std::size_t count_verdict(const Cases& cases, Verdict verdict) {
  return static_cast<std::size_t>(std::count_if(
      cases.begin(), cases.end(), [&](const auto& entry) { return entry.verdict() == verdict; }));
}

/// Counts the `cases` that could not be judged.
template <class Cases>
std::size_t count_failed(const Cases& cases) {
  return static_cast<std::size_t>(std::count_if(cases.begin(), cases.end(), [](const auto& entry) {
    return verdict_info(entry.verdict()).outcome == Outcome::failed;
  }));
}

}  // namespace perfgate
