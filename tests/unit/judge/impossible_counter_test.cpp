// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/impossible_counter.h"

#include <filesystem>

#include "gate/baseline/baseline.h"
#include "gate/run/run_view.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Returns what is said about `value` of a metric a / b.
std::string said(const std::string& a, const std::string& b, Unit unit, double value,
                 const std::set<std::string>& doubtful = {}) {
  Metric metric = simple_metric("m", unit);
  metric.combine = Combine::ratio;
  metric.operands = {{a}, {b}};
  return impossible_counter({{"m", value}}, {metric}, doubtful).value_or("possible");
}

std::string said_of(const std::string& counter, double value,
                    AcrossKernels across = AcrossKernels::time_weighted) {
  Metric metric = simple_metric("m", Unit::ratio);
  metric.operands = {{counter}};
  metric.across = across;
  metric.scale = 0.01;
  return impossible_counter({{"m", value}}, {metric}, {}).value_or("possible");
}

}  // namespace

TEST_CASE("a part is no more than its whole, by the counters' names", "[impossible_counter]") {
  CHECK(said_of("sm__throughput.avg.pct_of_peak_sustained_elapsed", 1.9) == "possible");
  CHECK(said_of("sm__throughput.avg.pct_of_peak_sustained_elapsed", 2.1) ==
        "m is 210 % of a whole");
  CHECK(said_of("lts__t_sector_hit_rate.pct", 7.5) == "m is 750 % of a whole");
  // Added up over kernels it may be any number.
  CHECK(said_of("lts__t_sector_hit_rate.pct", 7.5, AcrossKernels::sum) == "possible");
  CHECK(said_of("lts__t_sectors.sum", 7.5) == "possible");

  const auto ratio = [](const char* a, const char* b) { return said(a, b, Unit::ratio, 3); };
  CHECK(ratio("lts__t_sectors_srcunit_ltcfabric.sum", "lts__t_sectors.sum") ==
        "m is 300 % of a whole");
  // How much is read for each byte that was asked for, and how uneven the SMs' work is.
  CHECK(ratio("dram__bytes_read.sum", "lts__t_bytes.sum") == "possible");
  CHECK(ratio("sm__cycles_active.max", "sm__cycles_active.avg") == "possible");
  CHECK(ratio("sm__cycles_active_x.max", "sm__cycles_active.avg") == "possible");
  // Two passes of short kernels, which the record marks.
  CHECK(said("lts__t_sectors_hit.sum", "lts__t_sectors.sum", Unit::ratio, 3, {"m"}) == "possible");
}

TEST_CASE("a scheduler issues one instruction a cycle", "[impossible_counter]") {
  const auto per_cycle = [](const char* a, const char* b, double value) {
    return said(a, b, Unit::per_cycle, value);
  };
  CHECK(per_cycle("sm__inst_executed.sum", "sm__cycles_active.sum", 4.1) == "possible");
  CHECK(per_cycle("sm__inst_executed.sum", "sm__cycles_active.sum", 4.3) ==
        "m is 4.3 a cycle, 4 are the most");
  CHECK(per_cycle("smsp__issue_active.sum", "smsp__cycles_active.sum", 1.1) ==
        "m is 1.1 a cycle, 1 are the most");
  CHECK(per_cycle("smsp__warps_active.sum", "smsp__cycles_active.sum", 15) == "possible");
  CHECK(per_cycle("smsp__warps_active.sum", "smsp__cycles_active.sum", 17) ==
        "m is 17 a cycle, 16 are the most");
  // Of all SMs, and of another unit's cycles.
  CHECK(per_cycle("sm__inst_executed.sum", "sm__cycles_active.max", 400) == "possible");
  CHECK(per_cycle("smsp__inst_executed.sum", "sm__cycles_active.sum", 3) == "possible");
}

TEST_CASE("clocks, and what each kernel that ran has", "[impossible_counter]") {
  CHECK(said("sm__cycles_elapsed.avg", "gpu__time_duration.sum", Unit::hertz, 1.1e10) ==
        "m is 11 GHz");
  CHECK(said("dram__cycles_elapsed.avg", "gpu__time_duration.sum", Unit::hertz, 1.5e10) ==
        "possible");
  for (const std::string_view id : metrics_of_one_collection)
    CHECK(impossible_counter({{std::string(id), 0}}, {}, {}) ==
          std::string(id) + " is 0, but its kernels ran");
  CHECK_FALSE(impossible_counter({{"hbm_read", 0}}, {}, {}));
  // Doubt is about shares of passes, not about this.
  CHECK(impossible_counter({{"ipc", 0}}, {}, {"ipc"}));
  CHECK(impossible_counter({{"hbm_read", -1}}, {}, {"hbm_read"}) ==
        "hbm_read is -1, which is below 0");
}

TEST_CASE("nothing that was ever recorded is impossible", "[impossible_counter]") {
  const std::vector<Metric> known =
      parse_metrics(source_file("configs/metrics.toml"), "metrics.toml");
  std::size_t values = 0;
  const std::filesystem::path recordings =
      std::filesystem::path(PERFGATE_SOURCE_DIR) / "tests" / "recordings";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(recordings)) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = std::filesystem::relative(entry.path(), recordings).string();
    const RunRecord run = recorded(name.substr(0, name.size() - 5));
    for (const ProcessRecord& process : run.processes)
      for (const CaseMetrics& counted : process.metrics) {
        values += counted.values.size();
        INFO(name << ": " << counted.case_id);
        // Also of those that the record doubts.
        CHECK(impossible_counter(counted.values, run.plan.metrics, {}).value_or("") == "");
      }
  }
  CHECK(values > 2000);
  for (const char* file : {"h100", "h200"}) {
    const std::string path = std::string("baselines/") + file + ".toml";
    for (const BaselineCase& stored : read_baseline(source_file(path), path).cases)
      CHECK(impossible_counter(stored.metrics, known, {}).value_or("") == "");
  }
}
