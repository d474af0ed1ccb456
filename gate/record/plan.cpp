#include "gate/record/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

std::vector<Case> cases_of(const Workload& workload, std::size_t index) {
  const std::string prefix = workload_id(workload);
  std::vector<Case> cases;
  for (const StageInfo& info : stages)
    cases.push_back({fmt::format("{}/{}", prefix, info.id), index, info.stage});
  cases.push_back({fmt::format("{}/{}", prefix, layer_case), index, std::nullopt});
  return cases;
}

namespace {

std::vector<Workload> expand(const Config& config) {
  std::vector<Workload> workloads;
  for (const std::string& name : config.suite.models) {
    const auto model = config.models.find(name);
    if (model == config.models.end()) {
      std::vector<std::string> known;
      for (const auto& [key, shape] : config.models) known.push_back(key);
      throw UsageError(fmt::format("suite.models: no model '{}'{}; configs/models has: {}", name,
                                   did_you_mean(name, known), join(known)));
    }
    for (const DType dtype : config.suite.dtypes)
      for (const int context : config.suite.contexts)
        for (const int batch : config.suite.batches)
          workloads.push_back({model->second, batch, context, dtype});
  }
  return workloads;
}

bool wanted(const std::string& id, const std::vector<std::string>& only) {
  return only.empty() || std::any_of(only.begin(), only.end(), [&](const std::string& pattern) {
           return glob_match(pattern, id);
         });
}

}  // namespace

Plan make_plan(const Config& config, const std::vector<std::string>& only) {
  Plan plan;
  plan.metrics = metrics_of_set(config.metrics, config.measure.metric_set);
  plan.backend = config.measure.backend;
  plan.samples = config.measure.samples;
  plan.seed = config.measure.seed;
  std::vector<std::string> all;
  for (const Workload& workload : expand(config)) {
    bool used = false;
    for (Case& one : cases_of(workload, plan.workloads.size())) {
      all.push_back(one.id);
      if (!wanted(one.id, only)) continue;
      plan.cases.push_back(std::move(one));
      used = true;
    }
    if (used) plan.workloads.push_back(workload);
  }
  if (plan.cases.empty())
    throw UsageError(fmt::format("--only {}: matches none of the {}{}; see `perfgate list`",
                                 join(only), count_of(all.size(), "case"),
                                 only.empty() ? "" : did_you_mean(only.front(), all)));
  return plan;
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
