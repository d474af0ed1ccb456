// SPDX-License-Identifier: Apache-2.0
// `perfgate export`: a result in another tool's format.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_export(CommandParser& parser);

}  // namespace perfgate
