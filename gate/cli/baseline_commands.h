// SPDX-License-Identifier: Apache-2.0
// `perfgate baseline show`, `diff` and `lint`: they read the stored baselines and never write them.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_baseline_show(CommandParser& parser);
Action prepare_baseline_diff(CommandParser& parser);
Action prepare_baseline_lint(CommandParser& parser);

}  // namespace perfgate
