// SPDX-License-Identifier: Apache-2.0
// Steps in the history of the cases. Each run is one session of one board, so its mean has an error
// of its own that more processes do not make smaller; it is taken from the history itself.
//
// Ten accepted changes of 0.5 % are 5 %, and no gate that compares with the last baseline sees
// them. Here the runs after a point are compared with all before it, at each possible point. The
// differences of neighbouring runs give the error: a step between two runs adds to one of them
// only, so that a history with steps does not hide them by its own spread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "gate/history/history.h"

namespace perfgate {

/// The chance that a board's history without any change ever says that a case crept, whatever its
/// length, its number of cases, and however often it is asked: each question spends a share of it.
inline constexpr double history_alpha = 0.05;
/// Smaller steps are not told: over weeks a machine wanders by tenths of a percent of its own.
inline constexpr double smallest_step = 0.005;
/// Fewer runs tell too little of how far runs differ.
inline constexpr std::size_t fewest_runs = 6;

/// The runs of one case on one board.
struct CaseSeries {
  std::string id;
  std::vector<std::size_t> runs;    ///< indices into the history, ascending
  std::vector<double> durations_s;  ///< as many
};

/// Returns the series of the newest run's board; boards differ by more than a change does.
std::vector<CaseSeries> series_of(const History& history,
                                  const std::vector<std::string>& only = {});

/// A step: the runs from `index` of the series on are slower than those before it by `ratio`.
struct ChangePoint {
  std::size_t index = 0;
  double ratio = 0;
};

/// What a history says of one case.
struct CaseTrend {
  std::string id;
  /// Every step that is proved by itself, in either direction, the oldest first.
  std::vector<ChangePoint> steps;
  /// The case is slower now than it was: the point that parts its runs best.
  std::optional<ChangePoint> crept;
};

/// Looks at all series together: they share `history_alpha`, and what they scatter.
std::vector<CaseTrend> trends(const std::vector<CaseSeries>& series);

/// Returns "slower by +2.1 % than before 1a2b3c4 (2025-01-02)".
std::string crept_words(const CaseSeries& series, const ChangePoint& crept, const History& history);

}  // namespace perfgate
