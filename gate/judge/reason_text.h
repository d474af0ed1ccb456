// What the judge says of a case, with the numbers that it rests on. No rule is in here.
#pragma once

#include <string>
#include <vector>

#include "gate/judge/metric_gate.h"
#include "gate/judge/verdict_basis.h"

namespace perfgate {

/// "+1.2 % (between +1.0 % and +1.4 %, 6 fresh rounds against the base build)"
std::string bounds_words(const VerdictBasis& basis, const Change& change);

/// The conclusion, with the change and the threshold that it was held against.
std::string conclusion_words(const VerdictBasis& basis, const Change& change);

/// "Instructions +10.0 % (2000 to 2200), tolerance 0.5 %"; `metrics` has the breach's one.
std::string breach_words(const MetricCheck& breach, const std::vector<Metric>& metrics);

}  // namespace perfgate
