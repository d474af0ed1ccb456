// SPDX-License-Identifier: Apache-2.0
// Whether a measurement may be used at all. An invalid measurement is repeated, then reported as
// invalid: it is never a regression and never a pass.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/record/record.h"

namespace perfgate {

/// What spoils a measurement: a closed set; each member has a reason of the verdict `invalid`.
enum class Invalidity { gpu_busy, throttled, clock_off };

struct Invalid {
  Invalidity kind;
  std::string why;  ///< what was seen, and what to do about it
};

/// Returns what spoils the measurement of one process; empty when nothing does and when the process
/// died (then it measured nothing). A record without conditions shows no clocks that held.
std::optional<Invalid> validate(const ProcessRecord& process, ClockPolicy policy,
                                const ClockTarget& target);
std::optional<Invalid> validate(const ProcessRecord& process, const RunRecord& run);

/// Returns what spoils a whole run. Measuring stops after an invalid process whose repeat was no
/// better, so a run is spoiled when the last timing process that measured anything is invalid.
std::optional<Invalid> invalid_run(const RunRecord& run);

/// Returns what a reader must know about the processes that count and about those that do not.
std::vector<std::string> validity_notes(const RunRecord& run);

}  // namespace perfgate
