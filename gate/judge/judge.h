// The verdict, as a pure function. Evidence starts as inconclusive and is upgraded only by proof.
#pragma once

#include "gate/baseline/baseline.h"
#include "gate/config/config.h"
#include "gate/record/record.h"
#include "gate/report/report.h"

namespace perfgate {

/// The cases that fresh rounds are needed for: what the screen flags, or cannot tell, and what the
/// rounds so far have not settled.
std::vector<std::string> cases_to_confirm(const RunRecord& run, const Baseline& baseline,
                                          const JudgePolicy& policy);

/// Judges every planned case of `run` against `baseline`. Cases judged + cases failed = cases
/// planned. Throws NoVerdict when the two are not comparable at all: another GPU model, or a run
/// without any measurement.
Report judge(const RunRecord& run, const Baseline& baseline, const JudgePolicy& policy);

}  // namespace perfgate
