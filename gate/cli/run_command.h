// SPDX-License-Identifier: Apache-2.0
// `perfgate run`: measures, and judges nothing.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_run(CommandParser& parser);

}  // namespace perfgate
