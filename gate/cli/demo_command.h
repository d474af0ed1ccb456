// SPDX-License-Identifier: Apache-2.0
// `perfgate demo`: judges and reports the shipped recording of a real run; needs no GPU.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_demo(CommandParser& parser);

}  // namespace perfgate
