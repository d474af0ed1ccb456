// SPDX-License-Identifier: Apache-2.0
// The history of one GPU: one JSON line for each run of the default branch, in the order of the
// runs. A line is appended and never changed. docs/formats.md has its keys.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/record/record.h"

namespace perfgate {

struct Report;

inline constexpr int history_schema = 1;

/// What one run says of one case.
struct HistoryCase {
  std::string id;
  double duration_s = 0;          ///< geometric mean of the process statistics
  std::optional<double> scatter;  ///< sd of their logs; absent: one process
  int processes = 0;
  std::string verdict;                    ///< "": it was not judged, or passed
  std::map<std::string, double> metrics;  ///< those that are exact: they may decide

  bool operator==(const HistoryCase&) const = default;
};

struct HistoryRun {
  std::string commit, parent;  ///< "": unknown
  std::string created;         ///< UTC, ISO 8601
  std::string gpu_id, board;   ///< the board's UUID; "": unknown
  std::string perfgate;
  std::vector<HistoryCase> cases;

  const HistoryCase* find(std::string_view id) const;
  bool operator==(const HistoryRun&) const = default;
};

using History = std::vector<HistoryRun>;

/// Returns what a run adds to the history: its cases that at least one valid process measured.
/// `judged` adds the verdicts; null: there are none. Throws NoVerdict for a run that is invalid or
/// holds no case, because a line is never changed.
HistoryRun history_run(const RunRecord& run, const std::string& parent, const Report* judged);

/// Whether both are one run, whatever is said of it: of one commit, board and time.
bool same_run(const HistoryRun& a, const HistoryRun& b);

/// Returns one line with its end.
std::string write_history_line(const HistoryRun& run);

/// Whether the history in `text` has this run. Only lines of its time are read, because a history
/// is long. Throws as read_history().
bool has_run(std::string_view text, const std::string& source, const HistoryRun& run);

/// Reads strictly: throws UsageError naming `source`, the line and what is wrong.
History read_history(std::string_view text, const std::string& source);

/// The ids of all cases, in the order in which they first occur, and whether globs match them.
std::vector<std::string> history_cases(const History& history,
                                       const std::vector<std::string>& only = {});

}  // namespace perfgate
