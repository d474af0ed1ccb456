// What the judge says of a case, with the numbers that it rests on. No rule is in here.
#pragma once

#include <string>
#include <vector>

#include "gate/report/report.h"

namespace perfgate {

/// "+1.2 % (between +1.0 % and +1.4 %, 6 fresh rounds against the base build)"
std::string bounds_words(const CaseReport& report, const Evidence& evidence);

/// The conclusion, for a report that has a change and a tolerance.
std::string conclusion_words(Conclusion conclusion, const CaseReport& report,
                             const Evidence& evidence);

/// "Instructions +10.0 % (2000 to 2200), tolerance 0.5 %"; `metrics` has the breach's one.
std::string breach_words(const MetricCheck& breach, const std::vector<Metric>& metrics);

}  // namespace perfgate
