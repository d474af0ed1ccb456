// SPDX-License-Identifier: Apache-2.0
// `perfgate config show`: every value of the configuration, and the file that it comes from.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_config_show(CommandParser& parser);

}  // namespace perfgate
