// SPDX-License-Identifier: Apache-2.0
// What a report says of the history: `--history FILE` of check and compare.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/cli/command_parser.h"
#include "gate/history/history.h"
#include "gate/record/record.h"
#include "gate/report/report.h"

namespace perfgate {

void add_history(CommandParser& parser, std::optional<std::string>& history);

/// Reads the file, if there is one; called before anything is measured. Throws UsageError.
std::optional<History> load_history(const std::optional<std::string>& file);

/// Adds a note for each case that crept over the runs of the history and this one.
void note_history(const std::optional<History>& history, const RunRecord& run, Report& report);

}  // namespace perfgate
