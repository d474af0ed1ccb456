// SPDX-License-Identifier: Apache-2.0
// What a run measured, without a baseline and without a verdict.
#pragma once

#include <string>

#include "gate/record/record.h"

namespace perfgate {

/// A table for each group: its cases with their time, their share of the whole, how they were
/// launched, and the counters of the text report's columns.
std::string render_run(const RunRecord& run);

}  // namespace perfgate
