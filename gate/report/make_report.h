// SPDX-License-Identifier: Apache-2.0
// Turns a run and its baseline into a report: judges, analyses, and joins the two.
#pragma once

#include "gate/baseline/baseline.h"
#include "gate/config/gpu_model.h"
#include "gate/config/judge_policy.h"
#include "gate/record/record.h"
#include "gate/report/report.h"

namespace perfgate {

/// `gpu` holds the datasheet's numbers; null: the pipes have no roof. Throws NoVerdict when run and
/// baseline are not comparable at all.
Report make_report(const RunRecord& run, const Baseline& baseline, const JudgePolicy& policy,
                   const GpuModel* gpu = nullptr);

/// The same without a baseline: every case that was measured is that, and no more. Throws NoVerdict
/// where nothing was.
Report make_profile(const RunRecord& run, const JudgePolicy& policy, const GpuModel* gpu = nullptr);

}  // namespace perfgate
