// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/history_notes.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/history/history_table.h"
#include "gate/os/files.h"
#include "gate/util/error.h"

namespace perfgate {

void add_history(CommandParser& parser, std::optional<std::string>& history) {
  parser.option("--history FILE", history,
                "history/<gpu>.jsonl: a note for each case that crept over its runs");
}

std::optional<History> load_history(const std::optional<std::string>& file) {
  if (!file) return std::nullopt;
  return read_history(read_file(*file), *file);
}

void note_history(const std::optional<History>& history, const RunRecord& run, Report& report) {
  if (!history) return;
  if (!history->empty() && history->back().gpu_id != run.gpu_id) {
    report.notes.push_back(fmt::format("the history is of {}, not of {}: it says nothing here",
                                       history->back().gpu_id, run.gpu_id));
    return;
  }
  History whole = *history;
  try {
    HistoryRun now = history_run(run, "", nullptr);
    // A run that was added already is not its own past, and what came later is not either.
    whole.erase(std::find_if(whole.begin(), whole.end(),
                             [&](const HistoryRun& entry) { return same_run(entry, now); }),
                whole.end());
    whole.push_back(std::move(now));
  } catch (const NoVerdict&) {
    return;  // the report says why the run is not to be trusted
  }
  const std::vector<CaseSeries> series = series_of(whole);
  for (const std::string& line : crept_lines(whole, series, trends(series)))
    report.notes.push_back("crept: " + line);
}

}  // namespace perfgate
