// SPDX-License-Identifier: Apache-2.0
// `perfgate doctor`: prints what on this machine would spoil a measurement, one line per finding.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_doctor(CommandParser& parser);

}  // namespace perfgate
