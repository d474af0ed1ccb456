// SPDX-License-Identifier: Apache-2.0
// The commands that last long enough to be interrupted, or that write files: faults are tried on
// each of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/step.h"

struct LastingCommand {
  std::string name;
  std::vector<std::string> arguments;        ///< what it writes goes to the folder out/
  bool runner = true;                        ///< --runner belongs to it
  std::map<std::string, std::string> env{};  ///< over the bench's
};

/// Each of them runs to its end in `step`; `check` has no verdict, as its clocks are locked and the
/// baseline's were not. Makes the folder out/, and a build for `ab` beside it.
std::vector<LastingCommand> lasting_commands(const Step& step);

/// Runs it in `step`.
Outcome run(Step& step, const LastingCommand& command);
