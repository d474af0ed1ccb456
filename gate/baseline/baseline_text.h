// Baselines for people: one as a table, and what differs between the conditions of two.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/baseline/baseline.h"

namespace perfgate {

/// Where and when it was measured, a row a case, the accepted changes. `title` is the file.
std::string render_baseline(const Baseline& baseline, std::string_view title);

/// One line each: fields of the fingerprint, clock policy and sentinels that are not the same.
std::vector<std::string> diff_conditions(const Baseline& before, const Baseline& after);

}  // namespace perfgate
