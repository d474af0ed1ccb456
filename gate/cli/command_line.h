// Takes a command line apart: which command was typed, and what is left for it.
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

/// The line as typed; files by their names, not by their places on a disk.
std::string typed_line(int argc, const char* const* argv);

struct SplitLine {
  const PreparedCommand* command = nullptr;  ///< none: none was named
  std::string group;                         ///< "baseline" when no command of it followed
  std::vector<std::string> arguments;        ///< all but the command's name
  std::vector<std::string> options;          ///< the names of the options among them
  std::string stray;  ///< the first argument that is no command where one is expected
  bool help = false, version = false;
};

/// Options may stand before the command, so what is the value of an option must be known before the
/// command is: an option takes a value in all commands or in none.
SplitLine split_line(const std::vector<PreparedCommand>& commands,
                     std::span<const char* const> arguments);

}  // namespace perfgate
