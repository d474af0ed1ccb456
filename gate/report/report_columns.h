// SPDX-License-Identifier: Apache-2.0
// The columns that text and Markdown share: one table, which both iterate.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "gate/report/report.h"

namespace perfgate {

/// A metric column shows the first of `metrics` that the case has.
struct MetricColumn {
  std::string_view title;
  std::string_view metric;
  int decimals;
};

/// The evidence that is shown beside each duration.
inline constexpr std::array<MetricColumn, 5> metric_columns{{
    {"HBM %", "hbm_throughput", 1},
    {"L2 %", "l2_throughput", 1},
    {"SM %", "sm_throughput", 1},
    {"IPC", "ipc", 2},
    {"L2 hit %", "l2_hit_rate", 1},
}};

/// Returns the head's value in the unit for people, with a '?' behind it when it is in doubt, or
/// "-" when it was not measured.
std::string metric_cell(const Report& report, const CaseReport& entry, const MetricColumn& column);

/// Returns what a reader must know of these columns: what the counters of cases that are made of
/// others mean beside their durations, and what a '?' says.
std::vector<std::string> counter_notes(const Report& report);

/// Returns microseconds with two decimals, or "-".
std::string time_cell(const std::optional<double>& seconds);

/// Returns "+1.2 %", or "-".
std::string change_cell(const CaseReport& entry);

}  // namespace perfgate
