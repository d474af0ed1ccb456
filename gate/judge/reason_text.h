// SPDX-License-Identifier: Apache-2.0
// Words the judge's findings on a case, with the numbers behind them. This file holds no rule.
#pragma once

#include <string>
#include <vector>

#include "gate/judge/metric_gate.h"
#include "gate/judge/verdict_basis.h"

namespace perfgate {

/// Returns "+1.2 % (between +1.0 % and +1.4 %, 6 fresh rounds against the base build)".
std::string bounds_words(const VerdictBasis& basis, const Change& change);

/// Returns the conclusion, with the change and the threshold that it was compared with.
std::string conclusion_words(const VerdictBasis& basis, const Change& change);

/// Returns "drifted: +5.0 % against the stored baseline (between +4.8 % and +5.2 %), ...".
std::string drift_words(const Change& drift);

/// Returns "67.06 to 80.47 MB" or "7.930 M to 8.421 M", with so many significant digits.
std::string from_to(const Metric& metric, double base, double head, int digits);

/// Returns "Instructions +10.0 % (2000 to 2200)"; `metrics` holds the check's metric.
std::string amount_words(const MetricCheck& check, const std::vector<Metric>& metrics);

/// Returns "Instructions +10.0 % (2000 to 2200), tolerance 0.5 %"; `metrics` holds the breach's
/// metric.
std::string breach_words(const MetricCheck& breach, const std::vector<Metric>& metrics);

}  // namespace perfgate
