// The columns that text and Markdown share: one table, iterated by both.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "gate/report/report.h"

namespace perfgate {

/// A metric column: the first of `metrics` that the case has.
struct MetricColumn {
  std::string_view title;
  std::string_view metric;
  int decimals;
};

/// The evidence beside each duration.
inline constexpr std::array<MetricColumn, 5> metric_columns{{
    {"HBM %", "hbm_throughput", 1},
    {"L2 %", "l2_throughput", 1},
    {"SM %", "sm_throughput", 1},
    {"IPC", "ipc", 2},
    {"L2 hit %", "l2_hit_rate", 1},
}};

/// The head's value in people's unit, with a '?' behind it when it is in doubt, or "-" when it was
/// not measured.
std::string metric_cell(const Report& report, const CaseReport& one, const MetricColumn& column);

/// Microseconds with two decimals, or "-".
std::string time_cell(const std::optional<double>& seconds);

/// "+1.2 %", or "-".
std::string change_cell(const CaseReport& one);

}  // namespace perfgate
