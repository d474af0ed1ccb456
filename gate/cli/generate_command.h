// SPDX-License-Identifier: Apache-2.0
// `perfgate generate`: the manual page and the shells' completions, for packages.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_generate(CommandParser& parser);

}  // namespace perfgate
