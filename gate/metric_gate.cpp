#include "metric_gate.h"

#include <algorithm>
#include <cmath>

#include "baseline.h"

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

std::optional<MetricBreach> worst_breach(std::string_view case_id, const CaseView& head,
                                         const BaselineCase& base,
                                         const std::vector<Metric>& metrics,
                                         const JudgePolicy& policy) {
  std::optional<MetricBreach> worst;
  double worst_excess = 0;  // in units of what is allowed, so that bytes and instructions compare
  for (const Metric& metric : metrics) {
    const MetricTolerance* allowed = policy.metric_tolerance(metric.id, case_id);
    const auto now = head.metrics.find(metric.id);
    const auto then = base.metrics.find(metric.id);
    if (!allowed || now == head.metrics.end() || then == base.metrics.end()) continue;
    if (!repeats(head.stability, metric.id) || !repeats(base.stability, metric.id)) continue;
    const double change = now->second - then->second;
    const double limit = std::max(allowed->ratio * std::abs(then->second), allowed->floor);
    if (!is_worse(metric.worse, change) || std::abs(change) <= limit) continue;
    const double excess = std::abs(change) / limit;
    if (worst && excess <= worst_excess) continue;
    worst = {metric.id, then->second, now->second, change / then->second, allowed->ratio};
    worst_excess = excess;
  }
  return worst;
}

}  // namespace perfgate
