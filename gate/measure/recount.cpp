// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/recount.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/text.h"

namespace perfgate {

namespace {

void add_metrics(Plan& plan, const std::vector<Metric>& metrics) {
  for (const Metric& metric : metrics)
    if (std::none_of(plan.metrics.begin(), plan.metrics.end(),
                     [&](const Metric& known) { return known.id == metric.id; }))
      plan.metrics.push_back(metric);
}

std::string counted_again(const Recount& recount) {
  return fmt::format("{} counted again", count_of(recount.cases.size(), "case"));
}

}  // namespace

std::vector<Metric> explaining_metrics(const std::vector<Metric>& metrics) {
  std::vector<Metric> explaining;
  for (const Metric& metric : metrics)
    if (std::find(metric.sets.begin(), metric.sets.end(), explaining_set) != metric.sets.end())
      explaining.push_back(metric);
  return explaining;
}

void count_again(RunRecord& run, const MeasureRequest& request, const Recount& recount,
                 const Progress& progress) {
  if (recount.cases.empty() || recount.metrics.empty()) return;
  MeasureRequest again = request;
  again.record.plan = part_of(request.record.plan, recount.cases);
  again.record.plan.metrics = recount.metrics;
  const int total = request.base ? 2 : 1;
  const std::string what = counted_again(recount);
  if (request.base) {
    progress(what + ", base build", 0, total);
    again.build = *request.base;
    measure_once(again, ProcessKind::counters, Side::base, 1, run);
  }
  progress(what, total - 1, total);
  again.build = request.build;
  measure_once(again, ProcessKind::counters, Side::head, 1, run);
  add_metrics(run.plan, recount.metrics);
}

void count_program_again(ProgramRun& run, const MeasureRequest& request, const ProgramTask& task,
                         const Recount& recount, const Progress& progress) {
  if (recount.cases.empty() || recount.metrics.empty() || !counts_program(task)) return;
  MeasureRequest again = request;
  again.record.plan = part_of(run.record.plan, recount.cases);
  again.record.plan.metrics = recount.metrics;
  progress(counted_again(recount), 0, 1);
  count_program_once(again, task, 1, run);
  add_metrics(run.record.plan, recount.metrics);
}

}  // namespace perfgate
