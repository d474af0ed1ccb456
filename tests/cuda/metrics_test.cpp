// SPDX-License-Identifier: Apache-2.0
// Tests the shipped metric sets on every chip that CUPTI can count on. It needs the toolkit, but no
// GPU and no driver. The pass counts are CUPTI's own answers, written down so that a change of a
// set or of CUPTI is seen before it costs time.
#include "gate/record/metric.h"

#include <cupti_version.h>

#include <algorithm>
#include <set>

#include "kernels/collect/chip_metrics.h"
#include "kernels/collect/counter_set.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const std::vector<Metric>& shipped() {
  static const auto metrics = parse_metrics(source_file("configs/metrics.toml"), "metrics.toml");
  return metrics;
}

std::set<std::string> shipped_sets() {
  std::set<std::string> names;
  for (const Metric& metric : shipped()) names.insert(metric.sets.begin(), metric.sets.end());
  return names;
}

CounterSet resolved(const std::string& chip, const std::string& set) {
  return resolve(metrics_of_set(shipped(), set), MetricHost(chip), chip);
}

std::set<std::string> absent_ids(const CounterSet& set) {
  std::set<std::string> ids;
  for (const AbsentMetric& absent : set.absent) ids.insert(absent.metric);
  return ids;
}

}  // namespace

TEST_CASE("on every chip each metric of each set is present or reported absent", "[metrics]") {
  const auto chips = supported_chips();
  REQUIRE(chips.size() >= 20);
  for (const std::string& chip : chips)
    for (const std::string& name : shipped_sets()) {
      INFO(chip << " " << name);
      const auto metrics = metrics_of_set(shipped(), name);
      const CounterSet set = resolved(chip, name);
      REQUIRE(set.metrics.size() + set.absent.size() == metrics.size());
      const auto absent = absent_ids(set);
      REQUIRE(absent.size() == set.absent.size());
      auto present = set.metrics.begin();
      for (const Metric& metric : metrics) {
        if (absent.contains(metric.id)) continue;
        REQUIRE(present != set.metrics.end());
        CHECK(present->metric == metric);  // in the set's order, nothing shifted
        REQUIRE(present->operands.size() == metric.operands.size());
        for (std::size_t i = 0; i < metric.operands.size(); ++i) {
          const auto& names = metric.operands[i];
          CHECK(std::count(names.begin(), names.end(), set.counters.at(present->operands[i])) == 1);
        }
        CHECK(present->passes >= 1);
        ++present;
      }
      for (const AbsentMetric& one : set.absent) CHECK_THAT(one.why, StartsWith(chip + " has no "));
      // Every chip can tell time, cycles, clock and instructions.
      for (const char* id : {"gpu_time", "cycles", "sm_clock", "instructions", "ipc"})
        CHECK_FALSE(absent.contains(id));
    }
}

TEST_CASE("the passes of the shipped sets", "[metrics]") {
  // These are the answers of CUPTI API 130001 (CUDA 13.0.88) on 2026-11-23, from the host API
  // without a GPU.
  constexpr int measured_with = 130001;
  struct Row {
    const char* chip;
    int gate, design, explain;
  };
  const std::vector<Row> rows{
      {"GA100", 1, 9, 11}, {"AD102", 1, 6, 12}, {"GH100", 1, 8, 15},
      {"GB100", 1, 8, 14}, {"GB202", 1, 8, 15},
  };
  for (const Row& row : rows)
    for (const auto& [name, passes] :
         {std::pair{"gate", row.gate}, {"design", row.design}, {"explain", row.explain}}) {
      INFO(row.chip << " " << name);
      const int now = MetricHost(row.chip).passes(resolved(row.chip, name).counters);
      // Another CUPTI may schedule the larger sets otherwise, but `gate` must be one pass.
      if (CUPTI_API_VERSION == measured_with || std::string(name) == "gate")
        CHECK(now == passes);
      else if (now != passes)
        WARN("CUPTI " << CUPTI_API_VERSION << ": " << now << " passes, not " << passes);
    }
}

TEST_CASE("names that differ between chips are found", "[metrics]") {
  const auto counter_of = [](const std::string& chip, const std::string& id) -> std::string {
    const CounterSet set = resolved(chip, "explain");
    for (const auto& one : set.metrics)
      if (one.metric.id == id) return set.counters.at(one.operands.at(0));
    return "absent";
  };
  CHECK(counter_of("GH100", "hbm_read") == "dram__bytes_read.sum");
  CHECK(counter_of("GB202", "hbm_read") == "dram__bytes_op_read.sum");
  CHECK(counter_of("GB10B", "hbm_read") == "absent");
  CHECK(counter_of("AD102", "l2_fabric_share") == "absent");  // its L2 is not divided
}

TEST_CASE("hits and misses do not fit into one pass, the rest of `gate` does", "[metrics]") {
  // `lts__t_sector_hit_rate.pct` takes 2 passes, and so do hit and miss sectors.
  for (const auto& one : resolved("GH100", "design").metrics) {
    INFO(one.metric.id);
    if (one.metric.id == "l2_hit_rate" || one.metric.id == "l2_hit_rate_all")
      CHECK(one.passes == 2);
    if (one.metric.id == "ipc" || one.metric.id == "hbm_read") CHECK(one.passes == 1);
    if (one.metric.id == "sm_throughput") CHECK(one.passes == 8);
  }
}

TEST_CASE("the text names every metric, and the chip in any case", "[metrics]") {
  const auto gate = metrics_of_set(shipped(), "gate");
  const std::string text = describe_metrics(gate, "gb10b");
  CHECK_THAT(text, StartsWith("GB10B: 1 pass together, "));
  for (const Metric& metric : gate) CHECK_THAT(text, ContainsSubstring("\n" + metric.id + " "));
  CHECK_THAT(text, ContainsSubstring(
                       "absent  GB10B has no dram__bytes_read.sum or dram__bytes_op_read.sum\n"));
  CHECK_THAT(error_of<UsageError>([&] { describe_metrics(gate, "GH10"); }),
             StartsWith("no chip 'GH10' (did you mean 'GH100'?); CUPTI counts on: ") &&
                 ContainsSubstring("GA100"));
}
