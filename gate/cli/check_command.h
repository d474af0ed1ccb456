// `perfgate check`, the default: measure, judge against the stored baseline, report, post.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_check(CommandParser& parser);

}  // namespace perfgate
