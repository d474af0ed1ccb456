// SPDX-License-Identifier: Apache-2.0
// A command is one row: its name, its purpose, its options and its action.
#pragma once

#include <functional>
#include <string_view>

#include "gate/cli/command_parser.h"
#include "gate/util/exit_code.h"

namespace perfgate {

/// Runs a command whose options were parsed. Throws UsageError, NoVerdict or Interrupted.
using Action = std::function<ExitCode()>;

struct Command {
  std::string_view path;       ///< "compare", "baseline refresh"
  std::string_view arguments;  ///< the arguments that follow it: "RUN.json"
  std::string_view summary;    ///< one line for --help
  /// Adds the command's options to the parser. The action owns the variables that store them, so it
  /// must live as long as the parser is used.
  Action (*prepare)(CommandParser& parser);
};

}  // namespace perfgate
