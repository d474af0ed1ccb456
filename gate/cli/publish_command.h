// SPDX-License-Identifier: Apache-2.0
// Commands on saved results: `perfgate publish` and `perfgate merge`.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_publish(CommandParser& parser);
Action prepare_merge(CommandParser& parser);

}  // namespace perfgate
