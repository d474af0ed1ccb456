// SPDX-License-Identifier: Apache-2.0
// Why a case cannot be judged, whatever its durations are: what was measured is wrong, not to be
// trusted or not to be compared, or it is not there.
#pragma once

#include <optional>
#include <string>

#include "gate/judge/comparison.h"
#include "gate/judge/evidence.h"
#include "gate/judge/verdict.h"
#include "gate/run/validity.h"

namespace perfgate {

/// What spoils every case of a run.
struct RunFaults {
  std::optional<std::string> dead;     ///< why the first process that died did so
  std::optional<Invalid> invalid;      ///< why the run is not to be trusted
  std::optional<std::string> differs;  ///< which settings are not the baseline's
};
RunFaults faults_of(const Comparison& comparison);

struct Refusal {
  Reason reason;
  std::string why;
};

/// Returns why a case cannot be judged; empty: its durations decide. `base` is null where the
/// baseline lacks the case.
std::optional<Refusal> refusal_of(const Comparison& comparison, const RunFaults& faults,
                                  const Case& planned, const CaseView& head,
                                  const BaselineCase* base);

/// Returns why evidence that is there proves nothing of a duration; empty: it decides.
std::optional<Refusal> refusal_of(const Evidence& evidence);

}  // namespace perfgate
