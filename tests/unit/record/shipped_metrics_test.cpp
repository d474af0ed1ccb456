// SPDX-License-Identifier: Apache-2.0
// Checks what other files rely on in configs/metrics.toml.
#include <algorithm>

#include "gate/baseline/baseline.h"
#include "gate/record/metric.h"
#include "gate/record/record.h"
#include "gate/report/report_columns.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

std::vector<Metric> shipped() {
  return parse_metrics(source_file("configs/metrics.toml"), "metrics.toml");
}

bool has(const std::vector<Metric>& metrics, std::string_view id) {
  return std::any_of(metrics.begin(), metrics.end(), [&](const Metric& m) { return m.id == id; });
}

}  // namespace

TEST_CASE("each shipped set holds the smaller ones", "[shipped_metrics]") {
  const auto design = metrics_of_set(shipped(), "design");
  const auto explain = metrics_of_set(shipped(), "explain");
  for (const Metric& metric : metrics_of_set(shipped(), "gate")) CHECK(has(design, metric.id));
  for (const Metric& metric : design) CHECK(has(explain, metric.id));
}

TEST_CASE("the ids that a stored baseline and the report's columns use are there",
          "[shipped_metrics]") {
  const auto design = metrics_of_set(shipped(), "design");
  const Baseline baseline = read_baseline(source_file("baselines/h200.toml"), "h200.toml");
  for (const auto& [id, value] : baseline.cases.at(0).metrics) {
    INFO(id);
    CHECK(has(design, id));
  }
  for (const MetricColumn& column : metric_columns) CHECK(has(design, column.metric));
}

TEST_CASE("explain has what ncu's pages have, in their order", "[shipped_metrics]") {
  const auto explain = metrics_of_set(shipped(), "explain");
  // ncu's sections: Speed Of Light, Compute, Memory, Occupancy and Scheduler, Warp State.
  const std::vector<std::string> order{
      "sm_throughput", "memory_throughput", "l1_throughput", "l2_throughput", "hbm_throughput",
      "instructions",  "tensor_pipe",       "l1_hit_rate",   "l2_hit_rate",   "hbm_read",
      "occupancy",     "warp_cycles",       "stall_barrier", "stall_wait"};
  auto at = explain.begin();
  for (const std::string& id : order) {
    INFO(id);
    at = std::find_if(at, explain.end(), [&](const Metric& m) { return m.id == id; });
    REQUIRE(at != explain.end());
  }
}

TEST_CASE("the GPU's memory has one name, in reports of recordings, too", "[shipped_metrics]") {
  std::vector<Metric> metrics = shipped();
  for (const char* recording : {"h100", "h200", "pairs/coalescing", "programs/base"}) {
    const std::string path = std::string("tests/recordings/") + recording + ".json";
    const RunRecord run = read_record(source_file(path), path);
    metrics.insert(metrics.end(), run.plan.metrics.begin(), run.plan.metrics.end());
  }
  for (const Metric& metric : metrics)
    for (const std::string& text : {metric.title, metric.meaning, metric.doubt}) {
      INFO(metric.id);
      CHECK_THAT(text, !ContainsSubstring("DRAM"));
    }
}

TEST_CASE("every metric says what it is and when to doubt it", "[shipped_metrics]") {
  for (const Metric& metric : shipped()) {
    INFO(metric.id);
    for (const std::string& text : {metric.meaning, metric.doubt}) {
      CHECK(text.ends_with('.'));
      CHECK(text.size() > 15);
    }
    CHECK_FALSE(metric.title.empty());
  }
}
