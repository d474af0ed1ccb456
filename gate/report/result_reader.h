// SPDX-License-Identifier: Apache-2.0
// Reads a result file: the output of render_json() becomes a Report again, as far as the formats
// for people and the result itself need it. The file may come from a fork: everything is checked,
// the numbers also against each other, and only the measured values are taken on trust.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gate/report/report.h"

namespace perfgate {

/// Larger files are refused before they are read. The shipped recording's result has 2.5 kB a case,
/// so this leaves room for 13,000.
inline constexpr std::size_t longest_result_bytes = std::size_t{32} << 20U;

/// Throws UsageError naming the place: not JSON, another schema, an unknown or missing key, a
/// verdict that contradicts its cases.
Report read_result(std::string_view text, const std::string& source);

/// Joins the results of several GPUs into one report. With more than one GPU a case's id begins
/// with its GPU's. The exit code is the worst: 1 before 3 before 0. Throws UsageError when a case
/// is listed twice, or no result is given.
Report merge_results(const std::vector<Report>& results);

}  // namespace perfgate
