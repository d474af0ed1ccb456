// SPDX-License-Identifier: Apache-2.0
// From samples to what the record keeps of them.
#pragma once

#include <string>
#include <vector>

#include "gate/record/record.h"

namespace perfgate {

using Samples = std::vector<double>;  ///< seconds, in order

/// One case's timing from its samples at each placement; none may be empty.
Timing timing_of(const std::string& case_id, const std::vector<Samples>& placements);

/// The durations of a timeline's launch; there must be one.
LaunchTimes times_of(std::size_t launch, const Samples& durations_s);

}  // namespace perfgate
