// SPDX-License-Identifier: Apache-2.0
// Metrics are data: a metric's name, the counters that it is made of and how, and which direction
// is worse. The table is configs/metrics.toml; users add their own there.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/util/id_table.h"

namespace perfgate {

/// Each closed set has one table, which the parser and every printer iterate.
enum class Combine { value, ratio, share, sum, product };
enum class AcrossKernels { sum, max, time_weighted };
enum class Worse { higher, lower, neither };
enum class Unit { seconds, bytes, hertz, ratio, count, per_cycle, per_issue };
enum class Stability { exact, near, noisy };  // later entries are worse

struct CombineInfo {
  Combine combine;
  std::string_view id, formula;
};
inline constexpr std::array<CombineInfo, 5> combines{{
    {Combine::value, "value", "a"},
    {Combine::ratio, "ratio", "a / b"},
    {Combine::share, "share", "a / (a + b)"},
    {Combine::sum, "sum", "a + b + ..."},
    {Combine::product, "product", "a * b * ..."},
}};

struct AcrossInfo {
  AcrossKernels across;
  std::string_view id;
};
inline constexpr std::array<AcrossInfo, 3> acrosses{{
    {AcrossKernels::sum, "sum"},
    {AcrossKernels::max, "max"},
    {AcrossKernels::time_weighted, "time_weighted"},
}};

struct WorseInfo {
  Worse worse;
  std::string_view id;
};
inline constexpr std::array<WorseInfo, 3> worses{{
    {Worse::higher, "higher"},
    {Worse::lower, "lower"},
    {Worse::neither, "neither"},
}};

struct UnitInfo {
  Unit unit;
  std::string_view id;
  std::string_view people;  ///< the unit that the formats for people print
  double people_scale;      ///< a printed number is the SI number times this
};
inline constexpr std::array<UnitInfo, 7> units{{
    {Unit::seconds, "s", "us", 1e6},
    {Unit::bytes, "bytes", "MB", 1e-6},
    {Unit::hertz, "hertz", "MHz", 1e-6},
    {Unit::ratio, "ratio", "%", 100},
    {Unit::count, "count", "", 1},
    {Unit::per_cycle, "per_cycle", "per cycle", 1},
    {Unit::per_issue, "per_issue", "per issue", 1},
}};

/// How well a metric of a case repeats while nothing changes. Only exact and near ones may gate.
struct StabilityInfo {
  Stability stability;
  std::string_view id, meaning;
};
inline constexpr std::array<StabilityInfo, 3> stabilities{{
    {Stability::exact, "exact", "the same number each time"},
    {Stability::near, "near", "within 0.2 % of the median"},
    {Stability::noisy, "noisy", "anything else"},
}};
inline constexpr double near_limit = 0.002;  ///< (max - min) / |median|

/// The metrics that time_breakdown.h puts together. The runner takes all of them from one
/// collection, so that they fit together; each other metric is a median by itself.
inline constexpr std::array<std::string_view, 5> metrics_of_one_collection{
    "gpu_time", "cycles", "instructions", "ipc", "sm_clock"};

/// The stability by metric id; nothing is known of a metric without an entry.
using Stabilities = std::map<std::string, Stability>;

/// Classifies repeated counts of the same work. Fewer than two prove nothing: noisy.
Stability stability_of(const std::vector<double>& values);

const UnitInfo& unit_info(Unit unit);

/// One metric. A case's value is made in two steps: each operand (a counter) is brought together
/// over the kernels of the case, then the operands are combined and scaled to SI.
struct Metric {
  std::string id;
  std::string title;
  Unit unit = Unit::count;
  std::vector<std::string> sets;
  Combine combine = Combine::value;
  /// One entry for each operand: the counter's names on different chips. The first name that exists
  /// is taken.
  std::vector<std::vector<std::string>> operands;
  AcrossKernels across = AcrossKernels::sum;
  double scale = 1;
  Worse worse = Worse::neither;
  std::string meaning;
  std::string doubt;

  bool operator==(const Metric&) const = default;
};

/// Returns how a metric's number comes about, "sum of a, b; times 1 bytes; over kernels sum;
/// worse higher": numbers of two definitions cannot be compared.
std::string definition_of(const Metric& metric);

/// Whether `id` is a valid metric id: it becomes a key in TOML and JSON.
bool is_metric_id(std::string_view id);

/// Reads configs/metrics.toml. Throws UsageError.
std::vector<Metric> parse_metrics(std::string_view text, const std::string& source);

/// Returns the metrics of `set`; throws UsageError naming the known sets if there is no such set.
std::vector<Metric> metrics_of_set(const std::vector<Metric>& metrics, const std::string& set);

/// One kernel's counter values for one metric, in the order of the metric's operands.
struct KernelCounters {
  std::vector<double> operands;
  double duration_s = 0;
};

/// The case's value, SI; empty when a denominator is zero or there is no kernel. Values are not
/// clipped: a hit rate of 120 % is evidence that the counter is in doubt, not a 100.
std::optional<double> evaluate(const Metric& metric, const std::vector<KernelCounters>& kernels);

/// One metric of a case, in the baseline and in the run.
struct MetricPair {
  std::optional<double> base, head;  ///< SI
  bool doubtful = false;  ///< the head's: it combines several passes over too short kernels
};
using MetricPairs = std::map<std::string, MetricPair>;  ///< by metric id

}  // namespace perfgate
