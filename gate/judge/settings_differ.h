// SPDX-License-Identifier: Apache-2.0
// Finds settings under which a run cannot be compared with a baseline.
#pragma once

#include <optional>
#include <string>

#include "gate/baseline/baseline.h"
#include "gate/record/record.h"

namespace perfgate {

/// Returns a setting of the GPU or of the source that differs from the baseline's, and what to do
/// about it.
std::optional<std::string> settings_differ(const RunRecord& run, const Baseline& baseline);

/// Returns how the work of this case differs from what the case of the same name did in the
/// baseline; empty also where the baseline does not say what it did.
std::optional<std::string> work_differs(const Case& planned, const RunRecord& run,
                                        const Baseline& baseline);

}  // namespace perfgate
