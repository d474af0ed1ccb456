// SPDX-License-Identifier: Apache-2.0
// Describes a plan's metrics on a chip that need not be in this machine. It asks the runner,
// because only the runner may use CUPTI.
#pragma once

#include <filesystem>
#include <string>

#include "gate/record/record.h"

namespace perfgate {

/// Returns the runner's answer, a text for people. Throws UsageError for a chip that CUPTI does not
/// know, NoVerdict when the runner cannot be started or fails.
std::string describe_metrics(const RunRecord& request, const std::string& chip,
                             const std::filesystem::path& runner, double timeout_s);

}  // namespace perfgate
