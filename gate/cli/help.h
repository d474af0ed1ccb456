// What --help prints. All of it comes from the tables: commands, options, exit codes.
#pragma once

#include <span>
#include <string>

#include "gate/cli/command.h"

namespace perfgate {

/// The commands, the options of the default one (the first row), and the exit codes.
std::string program_help(std::span<const Command> commands, const CommandParser& default_parser);

/// One command: what it does, and its options.
std::string command_help(const Command& command, const CommandParser& parser);

/// The commands that begin with `group`: "baseline".
std::string group_help(std::span<const Command> commands, std::string_view group);

}  // namespace perfgate
