// SPDX-License-Identifier: Apache-2.0
// `perfgate history`: the runs of one GPU over the commits.
#pragma once

#include "gate/cli/command.h"

namespace perfgate {

Action prepare_history_add(CommandParser& parser);
Action prepare_history_show(CommandParser& parser);
Action prepare_history_page(CommandParser& parser);
Action prepare_history_check(CommandParser& parser);
Action prepare_history_import(CommandParser& parser);

}  // namespace perfgate
