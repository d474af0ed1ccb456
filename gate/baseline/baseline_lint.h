// SPDX-License-Identifier: Apache-2.0
// Finds errors in a baseline file beyond those that its reader refuses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/config/config.h"

namespace perfgate {

/// Returns one line per finding, "FILE: CASE: what; fix" or "FILE: what; fix". `file` is the path
/// that is shown; its last part without .toml must be the id of the GPU, or the name of the board's
/// own file.
std::vector<std::string> lint_baseline(std::string_view text, const std::string& file,
                                       const Config& config);

}  // namespace perfgate
