// Whether a measurement may be used at all (design, section 4). An invalid one is measured again,
// then reported as invalid: it is never a regression and never a pass.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/baseline/baseline.h"
#include "gate/judge/verdict.h"
#include "gate/record/record.h"

namespace perfgate {

/// A reason whose verdict is `invalid`, with what was seen and what to do about it.
struct Invalid {
  Reason reason;
  std::string why;
};

/// What spoils the measurement of one process; empty when nothing does, when the process died (then
/// it measured nothing) and when nobody looked (a record without conditions).
std::optional<Invalid> validate(const ProcessRecord& process, ClockPolicy policy,
                                const ClockTarget& target);
std::optional<Invalid> validate(const ProcessRecord& process, const RunRecord& run);

/// What spoils a whole run: measuring stops after an invalid process whose repeat was no better, so
/// that is when the last timing process that measured anything is invalid.
std::optional<Invalid> invalid_run(const RunRecord& run);

/// A setting of the GPU under which the baseline was not measured.
std::optional<Invalid> settings_differ(const RunRecord& run, const Baseline& baseline);

/// What a reader must know about the processes that count and about those that don't.
std::vector<std::string> validity_notes(const RunRecord& run);

}  // namespace perfgate
