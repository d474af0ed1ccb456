// SPDX-License-Identifier: Apache-2.0
// `perfgate qualify`: shows the gate one build twice, or the build with a planted slowdown.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_qualify(CommandParser& parser);

}  // namespace perfgate
