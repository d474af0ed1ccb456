// `perfgate-runner metrics`: what a set of metrics is on a chip. Needs neither a GPU nor a driver.
#pragma once

#include <string>
#include <vector>

#include "gate/record/metric.h"

namespace perfgate {

/// One line a metric, for people: the passes that it takes alone and its counters on `chip` (in
/// upper or lower case), or "absent" and why; above them the passes of all together. Throws
/// UsageError, listing the chips, for one that this CUPTI cannot count on.
std::string describe_metrics(const std::vector<Metric>& metrics, const std::string& chip);

}  // namespace perfgate
