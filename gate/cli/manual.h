// SPDX-License-Identifier: Apache-2.0
// The manual page and the shells' completions, from the same tables as --help.
#pragma once

#include <span>
#include <string>

#include "gate/cli/command_line.h"

namespace perfgate {

/// Returns perfgate(1) in the man macros.
std::string manual_page(const std::vector<PreparedCommand>& commands);

std::string bash_completion(const std::vector<PreparedCommand>& commands);
std::string zsh_completion(const std::vector<PreparedCommand>& commands);
std::string fish_completion(const std::vector<PreparedCommand>& commands);

}  // namespace perfgate
