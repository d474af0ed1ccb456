// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/recount.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/text.h"

namespace perfgate {

void count_again(RunRecord& run, const MeasureRequest& request, const Recount& recount,
                 const Progress& progress) {
  if (recount.cases.empty() || recount.metrics.empty()) return;
  MeasureRequest again = request;
  again.record.plan = part_of(request.record.plan, recount.cases);
  again.record.plan.metrics = recount.metrics;
  const int total = request.base ? 2 : 1;
  const std::string what = fmt::format("{} counted again", count_of(recount.cases.size(), "case"));
  if (request.base) {
    progress(what + ", base build", 0, total);
    again.build = *request.base;
    measure_once(again, ProcessKind::counters, Side::base, 1, run);
  }
  progress(what, total - 1, total);
  again.build = request.build;
  measure_once(again, ProcessKind::counters, Side::head, 1, run);
  for (const Metric& metric : recount.metrics)
    if (std::none_of(run.plan.metrics.begin(), run.plan.metrics.end(),
                     [&](const Metric& known) { return known.id == metric.id; }))
      run.plan.metrics.push_back(metric);
}

}  // namespace perfgate
