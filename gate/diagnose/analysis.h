// SPDX-License-Identifier: Apache-2.0
// Everything about the cases beyond their verdicts: why each changed, how far it is from the roofs,
// which kernels it launched, how its durations are spread.
#pragma once

#include <vector>

#include "gate/config/gpu_model.h"
#include "gate/diagnose/case_analysis.h"
#include "gate/judge/case_verdict.h"
#include "gate/judge/comparison.h"

namespace perfgate {

/// Returns one analysis for each of the verdicts that judge() gave for the comparison, in their
/// order. `gpu` holds the datasheet's numbers; null: the pipes have no roof.
std::vector<CaseAnalysis> analyse(const Comparison& comparison,
                                  const std::vector<CaseVerdict>& found, const GpuModel* gpu);

}  // namespace perfgate
