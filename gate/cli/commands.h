// SPDX-License-Identifier: Apache-2.0
// The commands, and the dispatcher that runs the one that was typed.
#pragma once

#include <span>

#include "gate/cli/command.h"
#include "gate/util/exit_code.h"

namespace perfgate {

/// Returns the table; its first row is the default command.
std::span<const Command> all_commands();

/// Parses the command line, and runs the command or prints the requested help. Throws UsageError,
/// NoVerdict or Interrupted.
ExitCode run_command_line(int argc, const char* const* argv,
                          std::span<const Command> commands = all_commands());

}  // namespace perfgate
