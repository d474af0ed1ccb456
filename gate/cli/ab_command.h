// SPDX-License-Identifier: Apache-2.0
// `perfgate ab`: measures two builds of the runner, interleaved.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_ab(CommandParser& parser);

}  // namespace perfgate
