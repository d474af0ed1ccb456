// SPDX-License-Identifier: Apache-2.0
// `perfgate profile`: looks at any program; no baseline, no verdict.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_profile(CommandParser& parser);

}  // namespace perfgate
