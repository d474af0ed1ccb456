// SPDX-License-Identifier: Apache-2.0
// Formats baselines for people: one as a table, and how the conditions of two differ.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gate/baseline/baseline.h"

namespace perfgate {

/// Returns where and when it was measured, a row per case, the accepted changes. `title` is the
/// file.
std::string render_baseline(const Baseline& baseline, std::string_view title, std::size_t columns);

/// Returns one line each for fields of the fingerprint, clock policy and sentinels that differ.
std::vector<std::string> diff_conditions(const Baseline& before, const Baseline& after);

}  // namespace perfgate
