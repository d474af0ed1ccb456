// SPDX-License-Identifier: Apache-2.0
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
      if (!only.empty() && !matches_any(only, planned.id)) continue;
      plan.cases.push_back(std::move(planned));
      used = true;
    }
    if (used) request.workloads.push_back(workload);
  }
  plan.sources.push_back(decode_source(request));
  // One glob that matches nothing is a typo or a case that is gone, even where others match.
  if (const std::string* astray = first_without_match(only, all))
    throw UsageError(fmt::format("--only {}: matches none of the {}{}; see `perfgate list`",
                                 *astray, count_of(all.size(), "case"),
                                 did_you_mean(*astray, all)));
  return plan;
}

}  // namespace perfgate
