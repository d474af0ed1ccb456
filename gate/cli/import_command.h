// SPDX-License-Identifier: Apache-2.0
// `perfgate import`: what another tool measured, as a run record.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_import(CommandParser& parser);

}  // namespace perfgate
