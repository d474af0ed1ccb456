// What a plan's metrics are on a chip that need not be there: the runner is asked, because CUPTI
// lives behind that wall.
#pragma once

#include <filesystem>
#include <string>

#include "gate/record/record.h"

namespace perfgate {

/// The runner's answer, a text for people. Throws UsageError for a chip that CUPTI does not know,
/// NoVerdict when the runner cannot be started or fails.
std::string describe_metrics(const RunRecord& request, const std::string& chip,
                             const std::filesystem::path& runner, double timeout_s);

}  // namespace perfgate
