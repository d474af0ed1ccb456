// SPDX-License-Identifier: Apache-2.0
// Which values a counter cannot have on any GPU: then the counter or the file is wrong.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gate/record/metric.h"

namespace perfgate {

/// Returns what is impossible about a case's counters; empty: all of them are possible. What a
/// metric can be follows from the counters that it is made of, so it holds for metrics of one's
/// own, too. `doubtful` are put together from several passes over kernels too short for that: the
/// passes see different runs, so that the parts may be more than the whole.
std::optional<std::string> impossible_counter(const std::map<std::string, double>& values,
                                              const std::vector<Metric>& metrics,
                                              const std::set<std::string>& doubtful);

}  // namespace perfgate
