#include "gate/config/make_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gate/decode/decode_source.h"
#include "gate/decode/layer_cases.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

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
  plan.samples = config.measure.samples;
  plan.seed = config.measure.seed;
  DecodeRequest request{config.measure.backend, {}};
  std::vector<std::string> all;
  for (const Workload& workload : expand(config)) {
    bool used = false;
    for (Case& planned : cases_of(workload, plan.sources.size())) {
      all.push_back(planned.id);
      if (!wanted(planned.id, only)) continue;
      plan.cases.push_back(std::move(planned));
      used = true;
    }
    if (used) request.workloads.push_back(workload);
  }
  plan.sources.push_back(decode_source(request));
  if (plan.cases.empty())
    throw UsageError(fmt::format("--only {}: matches none of the {}{}; see `perfgate list`",
                                 join(only), count_of(all.size(), "case"),
                                 only.empty() ? "" : did_you_mean(only.front(), all)));
  return plan;
}

}  // namespace perfgate
