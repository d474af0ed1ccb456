// SPDX-License-Identifier: Apache-2.0
// Turns the suite of the config into a plan: expanded and filtered.
#pragma once

#include <string>
#include <vector>

#include "gate/config/config.h"
#include "gate/record/plan.h"

namespace perfgate {

/// Expands the suite; keeps the cases that match one of the globs `only` (all when it is empty).
/// Throws UsageError when a model is unknown or one of the globs matches nothing.
Plan make_plan(const Config& config, const std::vector<std::string>& only);

}  // namespace perfgate
