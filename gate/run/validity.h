// Whether a measurement may be used at all. An invalid one is measured again,
// then reported as invalid: it is never a regression and never a pass.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/record/record.h"

namespace perfgate {

/// What spoils a measurement: a closed set, of which each has a reason of the verdict `invalid`.
enum class Invalidity { gpu_busy, throttled, clock_off };

struct Invalid {
  Invalidity kind;
  std::string why;  ///< what was seen, and what to do about it
};

/// What spoils the measurement of one process; empty when nothing does, when the process died (then
/// it measured nothing) and when its record holds no conditions.
std::optional<Invalid> validate(const ProcessRecord& process, ClockPolicy policy,
                                const ClockTarget& target);
std::optional<Invalid> validate(const ProcessRecord& process, const RunRecord& run);

/// What spoils a whole run: measuring stops after an invalid process whose repeat was no better, so
/// that is when the last timing process that measured anything is invalid.
std::optional<Invalid> invalid_run(const RunRecord& run);

/// What a reader must know about the processes that count and about those that don't.
std::vector<std::string> validity_notes(const RunRecord& run);

}  // namespace perfgate
