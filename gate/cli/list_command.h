// SPDX-License-Identifier: Apache-2.0
// `perfgate list`: prints the plan, for people or as a request for the runner.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_list(CommandParser& parser);

}  // namespace perfgate
