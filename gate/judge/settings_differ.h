// Settings under which a run can't be compared with a baseline.
#pragma once

#include <optional>
#include <string>

#include "gate/baseline/baseline.h"
#include "gate/record/record.h"

namespace perfgate {

/// A setting of the GPU or of the source under which the baseline was not measured, with what to do
/// about it.
std::optional<std::string> settings_differ(const RunRecord& run, const Baseline& baseline);

}  // namespace perfgate
