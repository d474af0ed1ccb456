// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/metric_gate.h"

#include "gate/report/make_report.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const std::vector<Metric> metrics = [] {
  Metric instructions = simple_metric("instructions", Unit::count);
  Metric bytes = simple_metric("hbm_read", Unit::bytes);
  Metric hits = simple_metric("l2_hit_rate", Unit::ratio);
  instructions.worse = bytes.worse = Worse::higher;
  hits.worse = Worse::lower;
  return std::vector{instructions, bytes, hits};
}();

JudgePolicy policy() {
  JudgePolicy policy = strict_policy();
  policy.metric_tolerances = {{"instructions", "*", 0.005, 0, "test"},
                              {"hbm_read", "*", 0.005, 1e5, "test"},
                              {"l2_hit_rate", "*/o_proj", 0.01, 0, "test"}};
  return policy;
}

std::optional<MetricCheck> breach(const std::map<std::string, double>& base,
                                  const std::map<std::string, double>& head,
                                  Stability stability = Stability::exact,
                                  std::string_view case_id = case_of("o_proj")) {
  BaselineCase then;
  CaseView now;
  then.metrics = base;
  now.metrics = head;
  for (const auto& [id, value] : base) then.stability[id] = Stability::exact;
  for (const auto& [id, value] : head) now.stability[id] = stability;
  const std::vector<MetricCheck> checks = check_metrics(case_id, now, then, metrics, policy());
  const MetricCheck* worst = worst_breach(checks);
  return worst ? std::optional(*worst) : std::nullopt;
}

/// Returns the check of `count` instructions; the base has 2,000 instructions, 8 MB.
std::optional<MetricCheck> with_instructions(double count) {
  return breach({{"instructions", 2000}, {"hbm_read", 8e6}},
                {{"instructions", count}, {"hbm_read", 8e6}});
}

}  // namespace

TEST_CASE("a counter that got worse beyond its tolerance is a breach", "[metric_gate]") {
  CHECK_FALSE(with_instructions(2000));
  CHECK_FALSE(with_instructions(2010));
  CHECK_FALSE(with_instructions(1000));  // fewer are better
  const auto found = with_instructions(2060);
  REQUIRE(found);
  CHECK(found->metric == "instructions");
  CHECK(found->base == 2000);
  CHECK(found->head == 2060);
  CHECK_THAT(found->ratio, WithinAbs(0.03, 1e-12));
  CHECK(found->tolerance == 0.005);
}

TEST_CASE("the breach that exceeds its tolerance most is reported", "[metric_gate]") {
  const auto found = breach({{"instructions", 2000}, {"hbm_read", 100e6}},
                            {{"instructions", 2020}, {"hbm_read", 110e6}});
  REQUIRE(found);
  CHECK(found->metric == "hbm_read");
}

TEST_CASE("less than the floor is no breach, however large the ratio", "[metric_gate]") {
  CHECK_FALSE(breach({{"hbm_read", 1e4}}, {{"hbm_read", 1e5}}));
  CHECK(breach({{"hbm_read", 1e4}}, {{"hbm_read", 2e5}}));
}

TEST_CASE("what does not repeat does not decide", "[metric_gate]") {
  CHECK(breach({{"instructions", 2000}}, {{"instructions", 2060}}, Stability::near));
  CHECK_FALSE(breach({{"instructions", 2000}}, {{"instructions", 2060}}, Stability::noisy));
}

TEST_CASE("only the cases of an entry, and only metrics with one", "[metric_gate]") {
  CHECK(breach({{"l2_hit_rate", 0.5}}, {{"l2_hit_rate", 0.4}}));
  CHECK_FALSE(breach({{"l2_hit_rate", 0.5}}, {{"l2_hit_rate", 0.6}}));
  CHECK_FALSE(breach({{"l2_hit_rate", 0.5}}, {{"l2_hit_rate", 0.4}}, Stability::exact,
                     case_of("qkv_proj")));
}

TEST_CASE("a metric that one side lacks decides nothing", "[metric_gate]") {
  CHECK_FALSE(breach({}, {{"instructions", 2060}}));
  CHECK_FALSE(breach({{"instructions", 2000}}, {}));
}

namespace {

/// Returns the report on o_proj with these durations in us, and with 10 % more instructions than
/// its baseline of 10 us.
CaseReport judged(const std::vector<double>& us, const std::string& uuid = "GPU-aaaa") {
  Plan plan = small_plan({"o_proj"});
  plan.metrics = metrics;
  const auto with_counters = [&](const std::vector<double>& durations_us, double count) {
    RunRecord run = run_of(plan, {durations_us});
    CaseMetrics& counted = run.processes.back().metrics[0];
    counted.values = {{"instructions", count}};
    counted.stability = {{"instructions", Stability::exact}};
    return run;
  };
  RunRecord run = with_counters(us, 2200);
  run.gpu->uuid = uuid;
  return make_report(run, make_baseline(with_counters(std::vector<double>(5, 10), 2000)), policy())
      .cases.at(0);
}

CaseReport judged(double us, const std::string& uuid = "GPU-aaaa") {
  return judged(std::vector<double>(5, us), uuid);
}

}  // namespace

TEST_CASE("more work is a regression at an equal duration, never at a better one",
          "[metric_gate]") {
  const CaseReport same = judged(10);
  CHECK(same.reason == Reason::more_work);
  CHECK(same.verdict() == Verdict::regressed);
  CHECK_THAT(same.why, StartsWith("instructions +10.0 % (2000 to 2200), tolerance 0.5 %; "));
  CHECK(judged(8).reason == Reason::faster);
}

TEST_CASE("more work of a kernel that looks faster is no regression", "[metric_gate]") {
  // -10 % with a scatter of 5 %: its upper bound is below zero, but above -2 %.
  const std::vector<double> scattered{8.5, 9.5, 9, 8.6, 9.4};
  const CaseReport one = judged(scattered);
  CHECK(one.reason == Reason::seems_faster);
  REQUIRE(worst_breach(one.metric_checks));
}

TEST_CASE("counters of another board's baseline decide nothing", "[metric_gate]") {
  CHECK(judged(10, "GPU-bbbb").verdict() == Verdict::pass);
}
