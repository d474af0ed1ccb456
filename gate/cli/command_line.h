// SPDX-License-Identifier: Apache-2.0
// Splits a command line: the command, and the arguments that are left for it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gate/cli/command.h"

namespace perfgate {

/// A row of the commands with its options.
struct PreparedCommand {
  const Command* row = nullptr;
  std::unique_ptr<CommandParser> parser;
  Action run;
};

/// `typed` is the line for the provenance of records.
std::vector<PreparedCommand> prepare_commands(std::span<const Command> commands,
                                              const std::string& typed);

/// Returns the line as typed, with the names of files but not their folders.
std::string typed_line(int argc, const char* const* argv);

struct SplitLine {
  const PreparedCommand* command = nullptr;  ///< null: the line names no command
  std::string group;                         ///< "baseline" when none of its commands followed
  std::vector<std::string> arguments;        ///< all but the command's name
  std::vector<std::string> options;          ///< the names of the options in `arguments`
  std::string stray;  ///< the first argument that stands in a command's place but is none
  bool help = false, version = false;
};

/// Options may stand before the command, so the parser must know which arguments are option values
/// before it knows the command: an option takes a value in all commands or in none.
SplitLine split_line(const std::vector<PreparedCommand>& commands,
                     std::span<const char* const> arguments);

}  // namespace perfgate
