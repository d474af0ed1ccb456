// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/metric_gate.h"

#include <algorithm>
#include <cmath>

#include "gate/baseline/baseline.h"

namespace perfgate {

namespace {

bool repeats(const Stabilities& stability, const std::string& metric) {
  const auto found = stability.find(metric);
  return found != stability.end() && found->second != Stability::noisy;
}

bool is_worse(Worse worse, double change) {
  switch (worse) {
    case Worse::higher:
      return change > 0;
    case Worse::lower:
      return change < 0;
    case Worse::neither:
      return change != 0;
  }
  return false;
}

}  // namespace

double MetricCheck::excess() const {
  return std::abs(head - base) / std::max(tolerance * std::abs(base), floor);
}

std::vector<MetricCheck> check_metrics(std::string_view case_id, const CaseView& head,
                                       const BaselineCase& base, const std::vector<Metric>& metrics,
                                       const JudgePolicy& policy) {
  std::vector<MetricCheck> checks;
  for (const Metric& metric : metrics) {
    const MetricTolerance* allowed = policy.metric_tolerance(metric.id, case_id);
    const auto now = head.metrics.find(metric.id);
    const auto then = base.metrics.find(metric.id);
    if (!allowed || now == head.metrics.end() || then == base.metrics.end()) continue;
    MetricCheck check{metric.id, then->second, now->second};
    check.ratio = check.head / check.base - 1;
    check.tolerance = allowed->ratio;
    check.floor = allowed->floor;
    check.repeats = repeats(head.stability, metric.id) && repeats(base.stability, metric.id);
    check.breach =
        check.repeats && is_worse(metric.worse, check.head - check.base) && check.excess() > 1;
    checks.push_back(std::move(check));
  }
  return checks;
}

const MetricCheck* other_amount(const std::vector<MetricCheck>& checks) {
  const MetricCheck* most = nullptr;
  for (const MetricCheck& check : checks)
    if (check.repeats && check.excess() > 1 && (!most || check.excess() > most->excess()))
      most = &check;
  return most;
}

const MetricCheck* amount_like(const std::vector<MetricCheck>& checks, double slowdown) {
  constexpr double least_part = 0.5;
  const MetricCheck* most = nullptr;
  for (const MetricCheck& check : checks)
    if (check.excess() > 1 && check.ratio >= least_part * slowdown &&
        (!most || check.ratio > most->ratio))
      most = &check;
  return most;
}

const MetricCheck* worst_breach(const std::vector<MetricCheck>& checks) {
  const MetricCheck* worst = nullptr;
  for (const MetricCheck& check : checks)
    if (check.breach && (!worst || check.excess() > worst->excess())) worst = &check;
  return worst;
}

}  // namespace perfgate
