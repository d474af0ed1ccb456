// SPDX-License-Identifier: Apache-2.0
// What a step tells GitHub Actions: lines on stdout that begin with "::", and lines in the files
// that the runner hands it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gate/report/report.h"

namespace perfgate {

/// Puts two lines around `text` so that commands in it have no effect: the runner takes none
/// between these lines. `token` must be random, so that no text can end the fence.
std::string fenced(std::string_view text, std::string_view token);

/// Annotations of the log, for readers who look at nothing else: an error for each regressed case,
/// a warning for each that is inconclusive, invalid or missing. GitHub keeps ten of a kind in a
/// step; the tenth says how many are left out.
std::string annotation_commands(const Report& report);

/// Lines for GITHUB_OUTPUT: the verdict, counts, and `paths` (name, file) of what was written.
std::string step_outputs(const Report& report,
                         const std::vector<std::pair<std::string, std::string>>& paths);

}  // namespace perfgate
