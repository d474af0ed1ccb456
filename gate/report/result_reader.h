// A result file read back: what render_json() wrote becomes a Report again, as far as people's
// formats and the result itself need it. It may come from a fork: everything is checked, the
// numbers against each other too, and nothing is taken on trust but what the measurement says.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gate/report/report.h"

namespace perfgate {

/// Larger files are refused before they are read. The shipped recording's result has 2.5 kB a case,
/// so this is room for 13,000.
inline constexpr std::size_t longest_result_bytes = std::size_t{32} << 20U;

/// Throws UsageError naming the place: not JSON, another schema, an unknown or missing key, a
/// verdict that its cases contradict.
Report read_result(std::string_view text, const std::string& source);

/// The results of several GPUs as one report. With more than one GPU a case's id begins with its
/// GPU's. The exit code is the worst: 1 before 3 before 0. Throws UsageError when a case stands
/// twice, or none is given.
Report merge_results(const std::vector<Report>& results);

}  // namespace perfgate
