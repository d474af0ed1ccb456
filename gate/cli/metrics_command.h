// `perfgate metrics`: what a metric set is on a chip.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_metrics(CommandParser& parser);

}  // namespace perfgate
