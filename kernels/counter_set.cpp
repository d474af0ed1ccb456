#include "kernels/counter_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/words.h"

namespace perfgate {

namespace {

constexpr const char* duration_counter = "gpu__time_duration.sum";  // ns

std::size_t index_of(std::vector<std::string>& counters, const std::string& name) {
  const auto found = std::find(counters.begin(), counters.end(), name);
  if (found != counters.end()) return static_cast<std::size_t>(found - counters.begin());
  counters.push_back(name);
  return counters.size() - 1;
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
    if (resolved.operands.size() == metric.operands.size())
      set.metrics.push_back(std::move(resolved));
  }
  return set;
}

std::map<std::string, double> evaluate(const CounterSet& set,
                                       const std::vector<std::vector<double>>& kernels) {
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

}  // namespace perfgate
