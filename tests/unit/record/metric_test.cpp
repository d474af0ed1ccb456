// SPDX-License-Identifier: Apache-2.0
#include "gate/record/metric.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

Metric metric_of(Combine combine, AcrossKernels across, std::size_t operands, double scale = 1) {
  Metric metric = simple_metric("m", Unit::count);
  metric.combine = combine;
  metric.across = across;
  metric.operands.assign(operands, {"c"});
  metric.scale = scale;
  return metric;
}

const std::string valid = R"(schema = 1
[[metric]]
id = "ipc"
title = "IPC"
unit = "per_cycle"
sets = ["gate", "design"]
combine = "ratio"
counters = ["sm__inst_executed.sum | smsp__inst.sum", "sm__cycles_elapsed.sum"]
across_kernels = "sum"
worse = "lower"
meaning = "m"
doubt = "d"
)";

std::string refusal(std::string_view from, std::string_view to) {
  return error_of<UsageError>([&] { parse_metrics(replaced(valid, from, to), "m.toml"); });
}

}  // namespace

TEST_CASE("combining operands", "[metric]") {
  // There are two kernels: 1 s with operands 6, 2; 3 s with operands 10, 6.
  const std::vector<KernelCounters> kernels{{{6, 2}, 1}, {{10, 6}, 3}};
  const auto value = [&](Combine combine, AcrossKernels across, std::size_t n, double scale = 1) {
    return evaluate(metric_of(combine, across, n, scale), kernels).value();
  };
  CHECK(value(Combine::value, AcrossKernels::sum, 1) == 16);
  CHECK(value(Combine::value, AcrossKernels::max, 1) == 10);
  CHECK(value(Combine::value, AcrossKernels::time_weighted, 1) == 9);  // (6*1 + 10*3) / 4
  CHECK(value(Combine::ratio, AcrossKernels::sum, 2) == 2);            // 16 / 8, not 3 and 1.67
  CHECK(value(Combine::share, AcrossKernels::sum, 2) == Approx(16.0 / 24));
  CHECK(value(Combine::sum, AcrossKernels::sum, 2) == 24);
  CHECK(value(Combine::product, AcrossKernels::max, 2) == 60);
  CHECK(value(Combine::value, AcrossKernels::sum, 1, 1e-9) == Approx(16e-9));
}

TEST_CASE("what has no value is absent, never zero", "[metric]") {
  CHECK_FALSE(evaluate(metric_of(Combine::value, AcrossKernels::sum, 1), {}));
  CHECK_FALSE(evaluate(metric_of(Combine::ratio, AcrossKernels::sum, 2), {{{1, 0}, 1}}));
  CHECK_FALSE(evaluate(metric_of(Combine::share, AcrossKernels::sum, 2), {{{0, 0}, 1}}));
  CHECK_FALSE(
      evaluate(metric_of(Combine::value, AcrossKernels::time_weighted, 1), {{{1}, 0}, {{2}, 0}}));
  // One kernel needs no weight.
  CHECK(evaluate(metric_of(Combine::value, AcrossKernels::time_weighted, 1), {{{5}, 0}}) == 5.0);
}

TEST_CASE("an impossible ratio is shown, not clipped", "[metric]") {
  CHECK(evaluate(metric_of(Combine::value, AcrossKernels::sum, 1, 0.01), {{{120}, 1}}).value() ==
        Approx(1.2));
}

TEST_CASE("a metric reads from TOML", "[metric]") {
  const auto metrics = parse_metrics(valid, "m.toml");
  REQUIRE(metrics.size() == 1);
  CHECK(metrics[0].id == "ipc");
  CHECK(metrics[0].unit == Unit::per_cycle);
  CHECK(metrics[0].combine == Combine::ratio);
  CHECK(metrics[0].worse == Worse::lower);
  CHECK(metrics[0].scale == 1);
  REQUIRE(metrics[0].operands.size() == 2);
  CHECK(metrics[0].operands[0] ==
        std::vector<std::string>{"sm__inst_executed.sum", "smsp__inst.sum"});
}

TEST_CASE("a wrong metric is refused by name", "[metric]") {
  CHECK_THAT(refusal("per_cycle", "per_cycl"),
             ContainsSubstring("m.toml:5: metric[0].unit: unknown 'per_cycl' (did you mean "
                               "'per_cycle'?); known: s, bytes, hertz"));
  CHECK_THAT(refusal("\"ratio\"", "\"value\""),
             ContainsSubstring("metric[0].counters: 'value' does not take 2 counters"));
  CHECK_THAT(refusal("\"ratio\"", "\"rato\""), ContainsSubstring("did you mean 'ratio'?"));
  CHECK_THAT(refusal(", \"sm__cycles_elapsed.sum\"", ""),
             ContainsSubstring("'ratio' does not take 1 counter"));
  CHECK_THAT(refusal("doubt", "dout"), ContainsSubstring("doubt: missing"));
  CHECK_THAT(refusal("schema = 1", "schema = 9"), ContainsSubstring("the file has 9"));
  const std::string twice = valid + valid.substr(valid.find("[[metric]]"));
  CHECK_THAT(error_of<UsageError>([&] { parse_metrics(twice, "m.toml"); }),
             ContainsSubstring("'ipc' is defined twice"));
}

TEST_CASE("a metric's id is one word, because it becomes a key of the baseline", "[metric]") {
  CHECK_THAT(refusal("id = \"ipc\"", "id = \"a b\""), ContainsSubstring("metric[0].id: "));
  CHECK_THAT(refusal("id = \"ipc\"", "id = \"a.b\""), ContainsSubstring("metric[0].id: "));
}

TEST_CASE("sets", "[metric]") {
  const auto metrics = parse_metrics(valid, "m.toml");
  CHECK(metrics_of_set(metrics, "gate").size() == 1);
  CHECK_THAT(error_of<UsageError>([&] { metrics_of_set(metrics, "desing"); }),
             ContainsSubstring("no metric set 'desing' (did you mean 'design'?)"));
}

TEST_CASE("the shipped metrics", "[metric]") {
  const auto metrics = parse_metrics(source_file("configs/metrics.toml"), "metrics.toml");
  const auto design = metrics_of_set(metrics, "design");
  // README promises these for every kernel.
  for (const char* id :
       {"ipc", "sm_throughput", "hbm_throughput", "l2_throughput", "l2_hit_rate"}) {
    INFO(id);
    CHECK(std::any_of(design.begin(), design.end(), [&](const Metric& m) { return m.id == id; }));
  }
  // A counter that CUPTI calls pct must be scaled to the ratio that the unit says.
  for (const Metric& metric : metrics)
    for (const auto& names : metric.operands)
      for (const std::string& name : names) {
        INFO(metric.id << ": " << name);
        const bool percent = name.find("pct") != std::string::npos;
        CHECK((metric.unit == Unit::ratio && metric.combine == Combine::value) == percent);
        CHECK((!percent || metric.scale == 0.01));
      }
}
