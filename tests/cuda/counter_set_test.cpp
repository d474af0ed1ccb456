// From counter values to metrics, on values made up here.
#include "kernels/counter_set.h"

#include "catch.h"
#include "support.h"

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
