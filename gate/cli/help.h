// SPDX-License-Identifier: Apache-2.0
// The text of --help, in lines of at most `columns`. It all comes from the tables: commands,
// options, exit codes.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "gate/cli/command.h"

namespace perfgate {

/// Returns the commands, the first of which is the default, and the exit codes.
std::string program_help(std::span<const Command> commands, std::size_t columns);

/// Returns what one command does, and its options.
std::string command_help(const Command& command, const CommandParser& parser, std::size_t columns);

/// Returns the commands that begin with `group`: "baseline".
std::string group_help(std::span<const Command> commands, std::string_view group,
                       std::size_t columns);

}  // namespace perfgate
