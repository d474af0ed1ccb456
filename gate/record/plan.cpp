#include "gate/record/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace perfgate {

std::vector<Case> cases_of(const Workload& workload, std::size_t index) {
  const std::string prefix = workload_id(workload);
  std::vector<Case> cases;
  for (const StageInfo& info : stages)
    cases.push_back({fmt::format("{}/{}", prefix, info.id), index, info.stage});
  cases.push_back({fmt::format("{}/{}", prefix, layer_case), index, std::nullopt});
  return cases;
}

Plan part_of(const Plan& plan, const std::vector<std::string>& ids) {
  Plan part = plan;
  part.workloads.clear();
  part.cases.clear();
  std::map<std::size_t, std::size_t> places;  // a workload's index in the plan -> in the part
  for (const Case& one : plan.cases) {
    if (std::find(ids.begin(), ids.end(), one.id) == ids.end()) continue;
    const auto [place, is_new] = places.emplace(one.workload, part.workloads.size());
    if (is_new) part.workloads.push_back(plan.workloads[one.workload]);
    part.cases.push_back({one.id, place->second, one.stage});
  }
  return part;
}

std::vector<std::string> case_ids(const Plan& plan) {
  std::vector<std::string> ids;
  for (const Case& one : plan.cases) ids.push_back(one.id);
  return ids;
}

double case_bytes(const Plan& plan, const Case& one) {
  const Workload& workload = plan.workloads[one.workload];
  return one.stage ? stage_bytes(workload, *one.stage) : layer_bytes(workload);
}

}  // namespace perfgate
