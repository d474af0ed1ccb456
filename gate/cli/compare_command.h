// SPDX-License-Identifier: Apache-2.0
// `perfgate compare`: judges a saved run against the stored baseline, a file or another run.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_compare(CommandParser& parser);

}  // namespace perfgate
