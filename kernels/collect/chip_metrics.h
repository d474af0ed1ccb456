// SPDX-License-Identifier: Apache-2.0
// `perfgate-runner metrics`: lists a set of metrics as a chip counts them. It needs neither a GPU
// nor a driver.
#pragma once

#include <string>
#include <vector>

#include "gate/record/metric.h"

namespace perfgate {

/// Returns a table for people. Each metric has a line with the passes that it takes alone and its
/// counters on `chip` (in upper or lower case), or "absent" and why; a line above gives the passes
/// of all metrics together. Throws UsageError, which lists the known chips, for a chip that this
/// CUPTI cannot count on.
std::string describe_metrics(const std::vector<Metric>& metrics, const std::string& chip);

}  // namespace perfgate
