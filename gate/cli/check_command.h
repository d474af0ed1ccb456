// SPDX-License-Identifier: Apache-2.0
// `perfgate check`, the default: measures, judges against the stored baseline, reports and posts.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_check(CommandParser& parser);

}  // namespace perfgate
