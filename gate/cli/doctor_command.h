// `perfgate doctor`: what on this machine would spoil a measurement, one line a finding.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_doctor(CommandParser& parser);

}  // namespace perfgate
