// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/impossible_counter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace perfgate {

namespace {

/// A share of a whole is 1 at the most where one pass counts both. Counters of several passes may
/// read more: the recordings in tests/recordings have 1.003, of a kernel of 3 us 1.73 was seen.
constexpr double most_of_a_whole = 2;

/// No GPU's SMs are near this clock; memory has commands and data at a multiple of it.
constexpr double highest_sm_clock_hz = 1e10, highest_clock_hz = 1e11;

/// What an SM or one of its four schedulers does in a cycle at the most: since Volta a scheduler
/// issues one instruction (CUDA C++ Programming Guide, "Compute Capabilities"), and it holds 16
/// warps at the most.
struct PerCycle {
  std::string_view counter;
  double most;
};
constexpr std::array<PerCycle, 6> per_cycle{{
    {"sm__inst_executed", 4},
    {"sm__inst_issued", 4},
    {"smsp__inst_executed", 1},
    {"smsp__issue_active", 1},
    {"smsp__warps_active", 16},
    {"smsp__warps_eligible", 16},
}};
/// The counters of instructions and of cycles may be of two passes; the clock moves in between.
constexpr double between_passes = 1.05;

bool any_name(const std::vector<std::string>& names, const auto& fits) {
  return std::any_of(names.begin(), names.end(), fits);
}

/// "sm__cycles_elapsed" and "sum" of "sm__cycles_elapsed.sum"; the unit is "sm".
struct CounterName {
  std::string_view stem, rollup, unit;
};
CounterName parts_of(std::string_view name) {
  const std::size_t dot = std::min(name.find('.'), name.size());
  return {name.substr(0, dot), name.substr(std::min(dot + 1, name.size())),
          name.substr(0, name.find("__"))};
}

bool any_pair(const Metric& metric, const auto& fits) {
  return any_name(metric.operands.at(0), [&](const std::string& a) {
    return any_name(metric.operands.at(1),
                    [&](const std::string& b) { return fits(parts_of(a), parts_of(b)); });
  });
}

/// Returns the value of the whole where the metric is a part of one: a percentage of CUPTI's, a
/// share, or a counter over the one that it is a part of, whose name then begins with that one's.
std::optional<double> whole_of(const Metric& metric) {
  if (metric.unit != Unit::ratio) return std::nullopt;
  if (metric.combine == Combine::share) return metric.scale;
  if (metric.combine == Combine::value && metric.across != AcrossKernels::sum &&
      any_name(metric.operands.at(0),
               [](const std::string& name) { return name.find(".pct") != std::string::npos; }))
    return 100 * metric.scale;
  if (metric.combine == Combine::ratio &&
      any_pair(metric, [](const CounterName& part, const CounterName& whole) {
        return part.rollup == whole.rollup && part.stem.size() > whole.stem.size() &&
               part.stem.starts_with(whole.stem) && part.stem[whole.stem.size()] == '_';
      }))
    return metric.scale;
  return std::nullopt;
}

/// Returns the most of it that a GPU does in a cycle; empty: any number.
std::optional<double> most_per_cycle(const Metric& metric) {
  if (metric.unit != Unit::per_cycle || metric.combine != Combine::ratio) return std::nullopt;
  for (const PerCycle& entry : per_cycle)
    if (any_pair(metric, [&](const CounterName& work, const CounterName& cycles) {
          return work.stem == entry.counter && work.unit == cycles.unit &&
                 work.rollup == cycles.rollup && cycles.stem.find("__cycles_") != cycles.stem.npos;
        }))
      return entry.most * metric.scale;
  return std::nullopt;
}

std::optional<std::string> too_much(const Metric& metric, double value) {
  if (const auto whole = whole_of(metric); whole && value > *whole * most_of_a_whole)
    return fmt::format("{} is {:.0f} % of a whole", metric.id, 100 * value / *whole);
  if (const auto most = most_per_cycle(metric); most && value > *most * between_passes)
    return fmt::format("{} is {:.3g} a cycle, {:g} are the most", metric.id, value, *most);
  if (metric.unit != Unit::hertz) return std::nullopt;
  const bool of_the_sms = any_name(metric.operands.at(0), [](const std::string& name) {
    return name.starts_with("sm__") || name.starts_with("smsp__");
  });
  if (value > (of_the_sms ? highest_sm_clock_hz : highest_clock_hz))
    return fmt::format("{} is {:.0f} GHz", metric.id, value * 1e-9);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> impossible_counter(const std::map<std::string, double>& values,
                                              const std::vector<Metric>& metrics,
                                              const std::set<std::string>& doubtful) {
  for (const auto& [id, value] : values) {
    if (value < 0) return fmt::format("{} is {}, which is below 0", id, value);
    // A kernel that ran took time, cycles and at least the instruction that ends it.
    if (value == 0 && std::find(metrics_of_one_collection.begin(), metrics_of_one_collection.end(),
                                id) != metrics_of_one_collection.end())
      return fmt::format("{} is 0, but its kernels ran", id);
    if (doubtful.contains(id)) continue;
    const auto metric = std::find_if(metrics.begin(), metrics.end(),
                                     [&id = id](const Metric& entry) { return entry.id == id; });
    if (metric == metrics.end()) continue;
    if (auto why = too_much(*metric, value)) return why;
  }
  return std::nullopt;
}

}  // namespace perfgate
