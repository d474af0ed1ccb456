// SPDX-License-Identifier: Apache-2.0
// Parses the command line: the command and its options.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gate/cli/command.h"
#include "gate/cli/commands.h"

namespace perfgate {

struct ParsedCli {
  Action run;                        ///< empty: `text` answers the line (--help, --version)
  std::vector<std::string> outputs;  ///< the files that the command will write
  std::string text;
};

/// Options may precede or follow the command. Throws UsageError with one sentence and where to
/// look.
ParsedCli parse_cli(int argc, const char* const* argv,
                    std::span<const Command> rows = all_commands());

}  // namespace perfgate
