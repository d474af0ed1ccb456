// SPDX-License-Identifier: Apache-2.0
#include "gate/record/plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace perfgate {

std::string case_id(std::string_view group, std::string_view part) {
  return fmt::format("{}/{}", group, part);
}

Plan part_of(const Plan& plan, const std::vector<std::string>& ids) {
  Plan part = plan;
  std::erase_if(part.cases, [&](const Case& planned) {
    return std::find(ids.begin(), ids.end(), planned.id) == ids.end();
  });
  return part;
}

std::vector<std::string> case_ids(const Plan& plan) {
  std::vector<std::string> ids;
  for (const Case& planned : plan.cases) ids.push_back(planned.id);
  return ids;
}

bool has_group(const Plan& plan, std::string_view group) {
  return std::any_of(plan.cases.begin(), plan.cases.end(),
                     [&](const Case& planned) { return planned.group == group; });
}

}  // namespace perfgate
