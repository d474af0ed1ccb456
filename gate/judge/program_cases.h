// SPDX-License-Identifier: Apache-2.0
// What is special about the cases of a program: one range's kernels are cases too, and a change may
// launch others. Then the range alone is judged, so that a fused kernel neither vanishes as a case
// nor moves the others onto the wrong partners.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/config/judge_policy.h"
#include "gate/judge/comparison.h"
#include "gate/judge/metric_gate.h"

namespace perfgate {

/// Whether `planned` is a kernel of a program's range that launches other operators, or in another
/// order, than in the baseline. Template arguments change between builds and do not count.
bool launched_otherwise(const Comparison& comparison, const Case& planned);

/// Whether the base build, which was measured, has no such case: only of a program both sides need
/// not have the same ones.
bool base_build_lacks(const Comparison& comparison, const Case& planned);

/// Whether equal code and an equal launch mean that a case did the same work. The built-in layer's
/// cases always do; a program may give the same kernel other arguments, which only an amount of
/// work that repeats, and that `checks` compared, can exclude.
bool same_code_is_same_work(const Comparison& comparison, const Case& planned,
                            const std::vector<MetricCheck>& checks);

/// Returns that a run must have measured this case of the baseline, and what to do; empty: it need
/// not, for the case is of a source that neither the run has nor `policy` asks for, or is a kernel
/// of a range that it did measure.
std::optional<std::string> owed(const Comparison& comparison, const JudgePolicy& policy,
                                std::string_view stored_id);

}  // namespace perfgate
