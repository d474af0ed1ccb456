// SPDX-License-Identifier: Apache-2.0
// `perfgate baseline refresh`: measures and writes the baseline of a GPU. An invalid or incomplete
// run leaves it as it is. With --only it replaces those cases in the existing file.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_baseline_refresh(CommandParser& parser);

}  // namespace perfgate
