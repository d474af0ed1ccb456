// SPDX-License-Identifier: Apache-2.0
// The plan: what one run will measure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gate/record/case.h"
#include "gate/record/metric.h"
#include "gate/record/source.h"

namespace perfgate {

struct Plan {
  std::vector<Source> sources;
  std::vector<Case> cases;  ///< cases of a group follow each other
  std::vector<Metric> metrics;
  int samples = 0;         ///< the fewest samples of a case in a process
  std::uint64_t seed = 0;  ///< the seed of everything that is drawn at random

  bool operator==(const Plan&) const = default;
};

/// Returns the part of `plan` that measures `ids`. All sources stay: each finds its cases by their
/// groups.
Plan part_of(const Plan& plan, const std::vector<std::string>& ids);

/// Returns the ids of the plan's cases.
std::vector<std::string> case_ids(const Plan& plan);

/// Whether one of the plan's cases belongs to this group.
bool has_group(const Plan& plan, std::string_view group);

}  // namespace perfgate
