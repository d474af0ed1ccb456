// SPDX-License-Identifier: Apache-2.0
// Text for the log of a step of GitHub Actions, whose runner takes commands out of what is printed.
#pragma once

#include <string>
#include <string_view>

namespace perfgate {

/// In a step of GitHub Actions: `text` with a fence around it in which the runner takes no command.
/// Elsewhere `text` as it is.
std::string for_actions_log(std::string_view text);

}  // namespace perfgate
