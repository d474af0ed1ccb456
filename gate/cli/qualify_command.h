// `perfgate qualify`: shows the gate one build twice, or with a slowdown that was planted.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_qualify(CommandParser& parser);

}  // namespace perfgate
