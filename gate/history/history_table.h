// SPDX-License-Identifier: Apache-2.0
// The history as a table for terminals: one line for each case, with a line of its durations.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gate/history/change_points.h"

namespace perfgate {

/// "▁▂▇": the values between their lowest and highest, the newest `most` of them. Equal values, and
/// one alone, stand in the middle.
std::string sparkline(std::span<const double> values, std::size_t most);

/// Returns the table and, below it, one line for each case that crept. A row's sparkline has as
/// many runs as fit into `columns`.
std::string history_table(const History& history, const std::vector<CaseSeries>& series,
                          const std::vector<CaseTrend>& found, std::size_t columns);

/// Returns the line of one case that crept: "a/b: slower by ...".
std::vector<std::string> crept_lines(const History& history, const std::vector<CaseSeries>& series,
                                     const std::vector<CaseTrend>& found);

}  // namespace perfgate
