// SPDX-License-Identifier: Apache-2.0
// The log of a step, read as GitHub's runner reads it (actions/runner, ActionCommandManager.cs and
// ActionCommand.cs).
#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Returns the names of the commands that the runner takes out of the log, in small letters. Any
/// name counts as a command that it knows. After `::stop-commands::TOKEN` it takes none but TOKEN.
std::vector<std::string> commands_taken(std::string_view log);
