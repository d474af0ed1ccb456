// SPDX-License-Identifier: Apache-2.0
#include "gate/record/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"
#include "gate/util/toml_table.h"

namespace perfgate {

std::string definition_of(const Metric& metric) {
  std::string operands;
  for (const std::vector<std::string>& names : metric.operands)
    operands += (operands.empty() ? "" : ", ") + join(names, " or ");
  return fmt::format("{} of {}; times {} {}; over kernels {}; worse {}",
                     combines[static_cast<std::size_t>(metric.combine)].id, operands, metric.scale,
                     unit_info(metric.unit).id,
                     acrosses[static_cast<std::size_t>(metric.across)].id,
                     worses[static_cast<std::size_t>(metric.worse)].id);
}

bool is_metric_id(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

const UnitInfo& unit_info(Unit unit) {
  return units[static_cast<std::size_t>(unit)];
}

Stability stability_of(const std::vector<double>& values) {
  if (values.size() < 2) return Stability::noisy;
  if (!std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); }))
    return Stability::noisy;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (*low == *high) return Stability::exact;
  return *high - *low <= near_limit * std::abs(median(values)) ? Stability::near : Stability::noisy;
}

namespace {

/// "a | b" -> {"a", "b"}
std::vector<std::string> split_names(std::string_view names) {
  std::vector<std::string> out(1);
  for (const char c : names) {
    if (c == '|')
      out.emplace_back();
    else if (c != ' ')
      out.back() += c;
  }
  return out;
}

Metric read_metric(TomlTable table) {
  Metric metric;
  metric.id = table.string("id");
  if (!is_metric_id(metric.id))
    table.fail("id", fmt::format("'{}': an id is made of a to z, 0 to 9 and _", metric.id));
  metric.title = table.string("title");
  metric.unit = choose(units, table, "unit").unit;
  metric.sets = table.strings("sets");
  metric.combine = choose(combines, table, "combine").combine;
  for (const std::string& names : table.strings("counters"))
    metric.operands.push_back(split_names(names));
  metric.across = choose(acrosses, table, "across_kernels").across;
  metric.scale = table.optional_number("scale").value_or(1.0);
  metric.worse = choose(worses, table, "worse").worse;
  metric.meaning = table.string("meaning");
  metric.doubt = table.string("doubt");
  const std::size_t count = metric.operands.size();
  const bool two = metric.combine == Combine::ratio || metric.combine == Combine::share;
  if (two ? count != 2 : metric.combine == Combine::value ? count != 1 : count == 0)
    table.fail("counters", fmt::format("'{}' does not take {}",
                                       combines[static_cast<std::size_t>(metric.combine)].id,
                                       count_of(count, "counter")));
  table.finish();
  return metric;
}

double across_kernels(const Metric& metric, const std::vector<KernelCounters>& kernels,
                      std::size_t operand) {
  double sum = 0, weighted = 0, time = 0, largest = kernels.front().operands[operand];
  for (const KernelCounters& kernel : kernels) {
    const double value = kernel.operands[operand];
    sum += value;
    weighted += value * kernel.duration_s;
    time += kernel.duration_s;
    largest = std::max(largest, value);
  }
  switch (metric.across) {
    case AcrossKernels::sum:
      return sum;
    case AcrossKernels::max:
      return largest;
    case AcrossKernels::time_weighted:
      return kernels.size() == 1 ? sum : weighted / time;
  }
  return sum;
}

}  // namespace

std::vector<Metric> parse_metrics(std::string_view text, const std::string& source) {
  TomlTable root = TomlTable::parse(text, source);
  root.require_schema(1);
  std::vector<Metric> metrics;
  std::set<std::string> seen;
  for (TomlTable& table : root.tables("metric")) {
    metrics.push_back(read_metric(table));
    if (!seen.insert(metrics.back().id).second)
      table.fail("id", fmt::format("'{}' is defined twice", metrics.back().id));
  }
  root.finish();
  return metrics;
}

std::vector<Metric> metrics_of_set(const std::vector<Metric>& metrics, const std::string& set) {
  std::vector<Metric> chosen;
  std::set<std::string> known;
  for (const Metric& metric : metrics) {
    known.insert(metric.sets.begin(), metric.sets.end());
    if (std::find(metric.sets.begin(), metric.sets.end(), set) != metric.sets.end())
      chosen.push_back(metric);
  }
  const std::vector<std::string> names(known.begin(), known.end());
  if (chosen.empty())
    throw UsageError(fmt::format("no metric set '{}'{}; configs/metrics.toml has: {}", set,
                                 did_you_mean(set, names), join(names)));
  return chosen;
}

std::optional<double> evaluate(const Metric& metric, const std::vector<KernelCounters>& kernels) {
  if (kernels.empty()) return std::nullopt;
  std::vector<double> operands;
  for (std::size_t i = 0; i < metric.operands.size(); ++i)
    operands.push_back(across_kernels(metric, kernels, i));
  double value = operands[0];
  switch (metric.combine) {
    case Combine::value:
      break;
    case Combine::ratio:
      value = operands[0] / operands[1];
      break;
    case Combine::share:
      value = operands[0] / (operands[0] + operands[1]);
      break;
    case Combine::sum:
      value = std::accumulate(operands.begin(), operands.end(), 0.0);
      break;
    case Combine::product:
      value = std::accumulate(operands.begin(), operands.end(), 1.0, std::multiplies<>());
      break;
  }
  if (!std::isfinite(value)) return std::nullopt;
  return value * metric.scale;
}

}  // namespace perfgate
