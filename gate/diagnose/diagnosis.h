// Why a case's duration changed: one sentence by fixed rules, each with the evidence that it needs.
// The first rule that holds speaks; the last one says that the evidence does not settle it. What is
// explained is the judged change; what explains it are the counters, which another process took:
// so the sentence names the counters' own change, and when that one does not go along it says so.
#pragma once

#include <string>

#include "gate/report/report.h"

namespace perfgate {

/// Whether the driver lowered the clocks against the power limit while the counters were taken.
enum class PowerCap { not_seen, seen };

struct Explanation {
  Cause cause = Cause::unknown;
  std::string sentence;  ///< "" when there is nothing to compare
};

/// From the case's change, metrics, split, code and launches.
Explanation explain(const CaseReport& one, PowerCap power_cap);

}  // namespace perfgate
