// SPDX-License-Identifier: Apache-2.0
// `perfgate metrics`: shows how a chip measures a metric set.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_metrics(CommandParser& parser);

}  // namespace perfgate
