// SPDX-License-Identifier: Apache-2.0
#include "kernels/collect/chip_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "gate/util/error.h"
#include "gate/util/text.h"
#include "kernels/collect/counter_set.h"

namespace perfgate {

namespace {

/// Returns the chip's name as CUPTI spells it.
std::string known_chip(std::string chip) {
  for (char& c : chip) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::vector<std::string> chips = supported_chips();
  if (std::find(chips.begin(), chips.end(), chip) == chips.end())
    throw UsageError(fmt::format("no chip '{}'{}; CUPTI counts on: {}", chip,
                                 did_you_mean(chip, chips), join(chips)));
  return chip;
}

std::string line_of(const std::string& id, const CounterSet& set) {
  for (const AbsentMetric& absent : set.absent)
    if (absent.metric == id) return fmt::format("{:>6}  {}", "absent", absent.why);
  for (const CounterSet::Resolved& resolved : set.metrics) {
    if (resolved.metric.id != id) continue;
    std::vector<std::string> names;
    for (const std::size_t operand : resolved.operands) names.push_back(set.counters[operand]);
    return fmt::format("{:>6}  {}", resolved.passes, join(names));
  }
  return "lost";  // cannot happen: resolve() reports each metric in one list or the other
}

}  // namespace

std::string describe_metrics(const std::vector<Metric>& metrics, const std::string& name) {
  const std::string chip = known_chip(name);
  const MetricHost host(chip);
  const CounterSet set = resolve(metrics, host, chip);
  std::string text =
      fmt::format("{}: {} together, {} present, {} absent (CUPTI {})\n\n", chip,
                  count_of(static_cast<std::size_t>(host.passes(set.counters)), "pass"),
                  set.metrics.size(), set.absent.size(), cupti_version());
  std::size_t width = 6;
  for (const Metric& metric : metrics) width = std::max(width, metric.id.size());
  text += fmt::format("{:<{}} {:>6}  {}\n", "metric", width, "passes", "counters");
  for (const Metric& metric : metrics)
    text += fmt::format("{:<{}} {}\n", metric.id, width, line_of(metric.id, set));
  return text;
}

}  // namespace perfgate
