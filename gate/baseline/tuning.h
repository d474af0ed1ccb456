// SPDX-License-Identifier: Apache-2.0
// The choices of GEMM kernels in a baseline, and what requests say of them.
#pragma once

#include <vector>

#include "gate/baseline/baseline.h"
#include "gate/decode/gemm_choice.h"

namespace perfgate {

std::vector<GemmChoice> choices_of(const Baseline& baseline);

/// Returns the choices that a run was measured with.
std::vector<StoredChoice> tuning_of(const RunRecord& run);

}  // namespace perfgate
