// SPDX-License-Identifier: Apache-2.0
// The verdict, as a pure function. A case starts as inconclusive and is upgraded only by proof.
#pragma once

#include <string>
#include <vector>

#include "gate/config/judge_policy.h"
#include "gate/judge/case_verdict.h"
#include "gate/judge/comparison.h"
#include "gate/util/exit_code.h"

namespace perfgate {

/// Judges every planned case of the run, in the plan's order, and then every case that the baseline
/// has and the run should have planned: cases judged + cases failed = both together. Throws
/// NoVerdict when the two are not comparable at all: another GPU model, or a run without any
/// measurement.
std::vector<CaseVerdict> judge(const Comparison& comparison, const JudgePolicy& policy);

/// Returns the exit code that these verdicts give the whole run.
ExitCode exit_code_of(const std::vector<CaseVerdict>& found, const JudgePolicy& policy);

/// Returns the cases that are proved to be slower, or to do more work.
std::vector<std::string> regressed_cases(const RunRecord& run, const Baseline& baseline,
                                         const JudgePolicy& policy);

/// Returns the cases that need fresh rounds: the screen flagged them or could not decide, or the
/// rounds so far have not settled them.
std::vector<std::string> cases_to_confirm(const RunRecord& run, const Baseline& baseline,
                                          const JudgePolicy& policy);

}  // namespace perfgate
