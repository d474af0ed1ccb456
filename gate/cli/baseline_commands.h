// `perfgate baseline show`, `diff` and `lint`: the stored baselines, read and never written.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_baseline_show(CommandParser& parser);
Action prepare_baseline_diff(CommandParser& parser);
Action prepare_baseline_lint(CommandParser& parser);

}  // namespace perfgate
