// SPDX-License-Identifier: Apache-2.0
// What counts as a regression, as data: the section [judge] of perfgate.toml.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

enum class OnInconclusive { fail, warn };

/// How much slower the cases that match `cases` may get.
struct Tolerance {
  std::string cases;  ///< glob
  double ratio = 0;   ///< 0.02 is two percent
  std::string why;
};

/// How much worse a metric may get that repeats exactly or nearly (metric.h). A metric without an
/// entry is shown and decides nothing.
struct MetricTolerance {
  std::string metric, cases;  ///< an id; a glob
  double ratio = 0;
  double floor = 0;  ///< SI; smaller changes are never a regression
  std::string why;
};

/// A regression that a change means to make: the section [[accept]] of its own perfgate.toml.
struct MeantSlowdown {
  std::string cases;  ///< glob
  double ratio = 0;   ///< how much slower, or how much more work, at the most
  std::string why, who;

  bool operator==(const MeantSlowdown&) const = default;
};

/// How far unchanged code moves between invocations besides its processes.
struct SpreadPolicy {
  double session = 0;  ///< deviation as a ratio of the duration; a baseline may say that it is more
  double freedom = 16;  ///< what the mean over all cases is worth beside a case's own sessions
};

struct JudgePolicy {
  double screen_alpha = 0;  ///< one-sided error of the screen and of the bounds that are printed
  double thorough_screen_alpha = 0;  ///< the same under --thorough
  double alpha = 0;        ///< chance that a run without any slowdown reports one as proved
  double floor_s = 0;      ///< smaller changes are never a regression
  double other_board = 0;  ///< ratio added to the tolerance against another board's baseline
  SpreadPolicy spread{};
  OnInconclusive on_inconclusive = OnInconclusive::fail;
  std::vector<Tolerance> tolerances;  ///< the last match wins, as in CODEOWNERS

  std::vector<MetricTolerance> metric_tolerances{};
  bool accept = false;                   ///< whether a change may accept its own regressions
  std::vector<MeantSlowdown> accepts{};  ///< what it accepts; the last match wins
  /// No part of the file: the source whose cases in the baseline a run owes, whether its plan has
  /// that source or not; a run owes those of its plan's sources in any case.
  std::optional<std::string> owed_source{};

  const Tolerance& tolerance_of(std::string_view case_id) const;
  /// Returns the last entry for this case; null: no regression of it is meant.
  const MeantSlowdown* meant_slowdown(std::string_view case_id) const;
  /// Returns the last entry for this metric and case; null: the metric decides nothing.
  const MetricTolerance* metric_tolerance(std::string_view metric, std::string_view case_id) const;
};

}  // namespace perfgate
