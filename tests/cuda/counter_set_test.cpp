// SPDX-License-Identifier: Apache-2.0
// Tests how counter values become metrics, on values that are made up here.
#include "kernels/collect/counter_set.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Counters: duration (ns), a, b. `one` is a in one pass; `two` is a / b in two.
CounterSet two_metrics() {
  CounterSet set;
  set.counters = {"gpu__time_duration.sum", "a", "b"};
  Metric ratio = simple_metric("two", Unit::ratio);
  ratio.combine = Combine::ratio;
  ratio.operands = {{"a"}, {"b"}};
  set.metrics = {{simple_metric("one", Unit::count), {1}, 1}, {ratio, {1, 2}, 2}};
  return set;
}

std::vector<std::string> doubtful(const KernelValues& kernels) {
  return summarize(two_metrics(), "c", {kernels, kernels, kernels}).doubtful;
}

}  // namespace

TEST_CASE("the median of the repetitions counts, and how well they agree", "[counter_set]") {
  // a: 300, 300, 300; a / b: 0.3, 0.3 / 1.001, 0.5
  const CaseMetrics metrics =
      summarize(two_metrics(), "c", {{{30e3, 300, 1000}}, {{30e3, 300, 1001}}, {{30e3, 300, 600}}});
  CHECK(metrics.case_id == "c");
  CHECK(metrics.values.at("one") == 300);
  CHECK(metrics.values.at("two") == 0.3);
  CHECK(metrics.stability.at("one") == Stability::exact);
  CHECK(metrics.stability.at("two") == Stability::noisy);
  CHECK(metrics.doubtful.empty());
}

TEST_CASE("what must fit together is taken from the collection of median duration",
          "[counter_set]") {
  CounterSet set;
  set.counters = {"gpu__time_duration.sum", "sm__inst_executed.sum", "sm__cycles_elapsed.sum",
                  "sm__cycles_elapsed.avg", "dram__bytes_read.sum"};
  Metric time = simple_metric("gpu_time", Unit::seconds);
  time.scale = 1e-9;
  Metric ipc = simple_metric("ipc", Unit::per_cycle);
  ipc.combine = Combine::ratio;
  ipc.operands = {{"a"}, {"b"}};
  Metric clock = ipc;
  clock.id = "sm_clock";
  clock.scale = 1e9;
  set.metrics = {{time, {0}, 1},
                 {simple_metric("instructions", Unit::count), {1}, 1},
                 {ipc, {1, 2}, 1},
                 {clock, {3, 0}, 1},
                 {simple_metric("hbm_read", Unit::bytes), {4}, 1}};
  // Three collections of two kernels on 10 SMs. Durations 50, 40 and 60 us: the first one counts,
  // though its instructions are the most and its bytes the fewest.
  const CaseMetrics metrics =
      summarize(set, "c",
                {{{20e3, 700, 300e3, 30e3, 1}, {30e3, 300, 500e3, 50e3, 1}},
                 {{15e3, 690, 250e3, 25e3, 2}, {25e3, 300, 400e3, 40e3, 2}},
                 {{25e3, 680, 400e3, 40e3, 3}, {35e3, 300, 600e3, 60e3, 3}}});
  CHECK(metrics.values.at("gpu_time") == Approx(50e-6));
  CHECK(metrics.values.at("instructions") == 1000);
  CHECK(metrics.values.at("ipc") == Approx(1000.0 / 800e3));
  CHECK(metrics.values.at("sm_clock") == Approx(80e3 / 50e-6));
  CHECK(metrics.values.at("hbm_read") == 4);  // the median of 2, 4 and 6
  // This holds by construction, though each of the four has its median in another collection.
  CHECK(metrics.values.at("instructions") /
            (metrics.values.at("ipc") * 10 * metrics.values.at("sm_clock")) ==
        Approx(metrics.values.at("gpu_time")).epsilon(1e-12));
  // How well they repeat still depends on all three: 1000, 990, 980.
  CHECK(metrics.stability.at("instructions") == Stability::noisy);
}

TEST_CASE("a metric without a value in some repetition is noisy", "[counter_set]") {
  const CaseMetrics metrics =
      summarize(two_metrics(), "c", {{{30e3, 3, 10}}, {{30e3, 3, 10}}, {{30e3, 3, 0}}});
  CHECK(metrics.values.at("two") == 0.3);
  CHECK(metrics.stability.at("two") == Stability::noisy);
  const CaseMetrics never =
      summarize(two_metrics(), "c", {{{30e3, 3, 0}}, {{30e3, 3, 0}}, {{30e3, 3, 0}}});
  CHECK_FALSE(never.values.contains("two"));
  CHECK_FALSE(never.stability.contains("two"));
}

TEST_CASE("several passes over short kernels are in doubt", "[counter_set]") {
  const std::vector<std::string> two{"two"};
  CHECK(doubtful({{3e3, 1, 2}}) == two);
  CHECK(doubtful({{19.9e3, 1, 2}}) == two);
  CHECK(doubtful({{20e3, 1, 2}}).empty());
  CHECK(doubtful({{15e3, 1, 2}, {15e3, 1, 2}}) == two);   // 30 us, of two short kernels
  CHECK(doubtful({{60e3, 1, 2}, {15e3, 1, 2}}).empty());  // a fifth of the time
  CHECK(doubtful({{3e3, 1, 0}}).empty());                 // no value, nothing to doubt
}
