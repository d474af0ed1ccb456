// SPDX-License-Identifier: Apache-2.0
#include "kernels/collect/counter_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/stats.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr const char* duration_counter = "gpu__time_duration.sum";  // ns
constexpr double short_kernel_ns = 20e3;

std::size_t index_of(std::vector<std::string>& counters, const std::string& name) {
  const auto found = std::find(counters.begin(), counters.end(), name);
  if (found != counters.end()) return static_cast<std::size_t>(found - counters.begin());
  counters.push_back(name);
  return counters.size() - 1;
}

/// Whether most of the time is spent in short kernels. The sum of the kernels would not tell: a
/// layer is long even when a small model makes it of 2 us kernels.
bool is_short(const KernelValues& kernels) {
  double all = 0, in_short = 0;
  for (const std::vector<double>& kernel : kernels) {
    all += kernel[0];
    if (kernel[0] < short_kernel_ns) in_short += kernel[0];
  }
  return in_short > all / 2;
}

double duration_ns(const KernelValues& kernels) {
  double sum = 0;
  for (const std::vector<double>& kernel : kernels) sum += kernel[0];
  return sum;
}

/// The repetition with the median duration. `repetitions` is not empty.
const KernelValues& typical_of(const std::vector<KernelValues>& repetitions) {
  std::vector<const KernelValues*> order;
  for (const KernelValues& one : repetitions) order.push_back(&one);
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>((order.size() - 1) / 2);
  std::nth_element(order.begin(), middle, order.end(),
                   [](const KernelValues* a, const KernelValues* b) {
                     return duration_ns(*a) < duration_ns(*b);
                   });
  return **middle;
}

}  // namespace

CounterSet resolve(const std::vector<Metric>& metrics, const MetricHost& host,
                   const std::string& chip) {
  CounterSet set;
  set.counters.push_back(duration_counter);
  for (const Metric& metric : metrics) {
    CounterSet::Resolved resolved{metric, {}};
    for (const std::vector<std::string>& names : metric.operands) {
      const auto name = std::find_if(names.begin(), names.end(),
                                     [&](const std::string& n) { return host.exists(n); });
      if (name == names.end()) {
        set.absent.push_back({metric.id, fmt::format("{} has no {}", chip, join(names, " or "))});
        break;
      }
      resolved.operands.push_back(index_of(set.counters, *name));
    }
    if (resolved.operands.size() != metric.operands.size()) continue;
    std::vector<std::string> own;
    for (const std::size_t operand : resolved.operands) own.push_back(set.counters[operand]);
    resolved.passes = host.passes(own);
    set.metrics.push_back(std::move(resolved));
  }
  return set;
}

std::map<std::string, double> evaluate(const CounterSet& set, const KernelValues& kernels) {
  std::map<std::string, double> values;
  for (const CounterSet::Resolved& resolved : set.metrics) {
    std::vector<KernelCounters> operands;
    for (const std::vector<double>& kernel : kernels) {
      KernelCounters one;
      for (const std::size_t index : resolved.operands) one.operands.push_back(kernel[index]);
      one.duration_s = kernel[0] * 1e-9;
      operands.push_back(std::move(one));
    }
    if (const auto value = evaluate(resolved.metric, operands)) values[resolved.metric.id] = *value;
  }
  return values;
}

CaseMetrics summarize(const CounterSet& set, const std::string& case_id,
                      const std::vector<KernelValues>& repetitions) {
  CaseMetrics out{case_id, {}};
  std::map<std::string, std::vector<double>> seen;
  for (const KernelValues& kernels : repetitions)
    for (const auto& [id, value] : evaluate(set, kernels)) seen[id].push_back(value);
  for (const auto& [id, values] : seen) {
    out.values[id] = median(values);
    out.stability[id] =
        values.size() == repetitions.size() ? stability_of(values) : Stability::noisy;
  }
  if (repetitions.empty()) return out;
  const std::map<std::string, double> typical = evaluate(set, typical_of(repetitions));
  for (const std::string_view id : metrics_of_one_collection)
    if (const auto found = typical.find(std::string(id)); found != typical.end())
      out.values[found->first] = found->second;
  if (!is_short(repetitions.front())) return out;
  for (const CounterSet::Resolved& resolved : set.metrics)
    if (resolved.passes > 1 && out.values.contains(resolved.metric.id))
      out.doubtful.push_back(resolved.metric.id);
  return out;
}

}  // namespace perfgate
