// SPDX-License-Identifier: Apache-2.0
// `perfgate init`: writes the first files of a project, and asks nothing.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_init(CommandParser& parser);

}  // namespace perfgate
