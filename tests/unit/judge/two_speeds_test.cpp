// SPDX-License-Identifier: Apache-2.0
// A case whose processes run at one of two speeds.
#include "gate/judge/two_speeds.h"

#include <algorithm>

#include "gate/judge/judge.h"
#include "gate/report/make_report.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

using Us = std::vector<double>;

/// Twelve processes at 10 us and at 10.6 us, each scattering by 0.1 %.
const Us mixed{10.00, 10.61, 10.01, 10.60, 9.99, 10.59, 10.60, 10.00, 10.01, 10.61, 9.99, 10.60};

Us times(Us values, double factor) {
  for (double& value : values) value *= factor;
  return values;
}

CaseReport judged_speeds(const Us& base, const Us& head) {
  const Plan plan = small_plan({"o_proj"});
  return make_report(run_of(plan, {head}), baseline_of(plan, {base}), strict_policy()).cases.at(0);
}

/// The evidence of `rounds` beside a base build.
Evidence beside(const Us& base_us, const Us& head_us) {
  Evidence out;
  out.rounds_s = times(head_us, 1e-6);
  out.rounds_base_s = times(base_us, 1e-6);
  out.speeds = find_two_speeds(out, 0.005);
  return out;
}

/// Returns a run whose processes, of the screen and of so many rounds, all ran at the slow speed.
RunRecord all_slow(const Plan& plan, int rounds) {
  RunRecord run = run_of(plan, {{10.60, 10.60, 10.61, 10.61, 10.59}});
  for (int round = 1; round <= rounds; ++round) {
    ProcessRecord& process = run.processes.emplace_back();
    process.round = round;
    process.timings.push_back(timing_of(plan.cases[0].id, (10.6 + 0.001 * (round % 5)) * 1e-6));
  }
  return run;
}

}  // namespace

TEST_CASE("unchanged code with two speeds passes, and says so", "[two_speeds]") {
  const CaseReport one = judged_speeds(mixed, {10.00, 10.60, 10.01, 10.61, 10.0});
  CHECK(one.verdict() == Verdict::pass);
  CHECK_THAT(one.change->effect, WithinAbs(0, 5e-4));
  CHECK_THAT(one.why,
             ContainsSubstring(
                 "two speeds: 10 us in 6, 10.6 us in 6 processes; now 10 us in 3, 10.6 us in 2"));
  // The mean of their mixture would have hidden a slowdown of 2 %.
  CHECK(one.change->detectable < 0.005);
}

TEST_CASE("a report notes the cases with two speeds", "[two_speeds]") {
  const Plan plan = small_plan();
  const auto notes = [&](const Us& base) {
    return make_report(run_of(plan, {{10, 10.6, 10.01, 10.61, 10}, around(5)}),
                       baseline_of(plan, {base, Us(12, 5)}), strict_policy())
        .notes;
  };
  const auto told = [](const std::vector<std::string>& all) {
    return std::count_if(all.begin(), all.end(), [](const std::string& note) {
      return note == "two speeds, by chance and from process to process, judged one by one: " +
                         case_of("o_proj");
    });
  };
  CHECK(told(notes(mixed)) == 1);
  CHECK(told(notes(Us(12, 10.3))) == 0);
}

TEST_CASE("a slowdown at both speeds is a regression", "[two_speeds]") {
  const CaseReport one = judged_speeds(mixed, times({10.00, 10.60, 10.01, 10.61, 10.0}, 1.04));
  CHECK(one.reason == Reason::slower);
  CHECK_THAT(one.change->effect, WithinAbs(0.04, 1e-3));
}

TEST_CASE("more slow processes are no slowdown of the code", "[two_speeds]") {
  // The mean of all is 3 % slower, and that is proved: 24 of 24 run at the slow speed, and half of
  // them did before.
  const Plan plan = small_plan({"o_proj"});
  const CaseReport one =
      make_report(all_slow(plan, 24), baseline_of(plan, {mixed}), strict_policy()).cases.at(0);
  CHECK(one.basis->slower.proved);
  CHECK(one.reason == Reason::two_speeds);
  CHECK(one.verdict() == Verdict::inconclusive);
  CHECK_THAT(one.why, ContainsSubstring("but 0.0 % at one of two speeds and +6.0 % at the other"));
}

TEST_CASE("processes that were all slow by chance are measured again", "[two_speeds]") {
  const Plan plan = small_plan({"o_proj"});
  CHECK(cases_to_confirm(all_slow(plan, 0), baseline_of(plan, {mixed}), strict_policy()).size() ==
        1);
}

TEST_CASE("what rounds prove and one of two speeds contradicts is measured on", "[two_speeds]") {
  const Us mostly_fast{10.00, 10.61, 10.01, 10.00, 9.99,  10.00,
                       10.60, 10.00, 10.01, 9.99,  10.00, 10.01};
  const Plan plan = small_plan({"o_proj"});
  const Baseline baseline = baseline_of(plan, {mostly_fast});
  for (const int rounds : {6, 12, 24}) {
    INFO(rounds);
    const RunRecord run = all_slow(plan, rounds);
    CHECK(make_report(run, baseline, strict_policy()).cases.at(0).reason == Reason::two_speeds);
    // After the last look it stays so.
    CHECK(cases_to_confirm(run, baseline, strict_policy()).size() == (rounds < 24 ? 1 : 0));
  }
}

TEST_CASE("fewer slow processes are no improvement", "[two_speeds]") {
  const CaseReport one = judged_speeds(mixed, {10.00, 10.01, 10.00, 9.99, 10.0});
  CHECK(one.verdict() == Verdict::pass);
  CHECK(one.reason != Reason::faster);
}

TEST_CASE("a new, slower speed of some processes does not pass", "[two_speeds]") {
  const Us steady{10, 10.01, 9.99, 10, 10.01, 9.99, 10, 10.01, 9.99, 10, 10.01, 9.99};
  const Us sometimes{10, 10, 10.01, 10.61, 9.99, 10, 10.6, 10.01, 9.99, 10, 10.01, 10.6};
  Evidence evidence = beside(steady, sometimes);
  const Criteria wide{0.05, 0.05};
  // The mean of all is ruled out to be 5 % slower, and three of twelve are.
  evidence.speeds.reset();
  CHECK(conclude(evidence, wide, {}) == Conclusion::ruled_out);
  evidence.speeds = find_two_speeds(evidence, 0.005);
  CHECK(conclude(evidence, wide, {}) == Conclusion::two_speeds);
}

TEST_CASE("speeds that never meet in one session are sessions that differ", "[two_speeds]") {
  Evidence evidence;
  for (const double us : {10.0, 10.6, 10.0, 10.6})
    evidence.baseline.push_back({times({us, us * 1.001, us * 0.999}, 1e-6), 0});
  evidence.screen_s = times(around(10), 1e-6);
  CHECK_FALSE(find_two_speeds(evidence, 0.005));
  // The same values in other company.
  for (std::size_t i = 0; i < 3; ++i)
    std::swap(evidence.baseline[0].durations_s[i], evidence.baseline[i].durations_s[i]);
  CHECK(find_two_speeds(evidence, 0.005));
}

TEST_CASE("speeds that are next to each other are one", "[two_speeds]") {
  const auto apart = [](double ratio) {
    Evidence evidence;
    evidence.screen_s = times(around(10), 1e-6);
    Us us{10, 10.0001, 9.9999, 10, 10, 10.0001, 9.9999, 10};
    for (std::size_t i = 4; i < us.size(); ++i) us[i] *= ratio;
    evidence.baseline.push_back({times(us, 1e-6), 0});
    return find_two_speeds(evidence, 0.005).has_value();
  };
  CHECK(apart(1.006));
  CHECK_FALSE(apart(1.004));
}

TEST_CASE("what the sentinels explain is not a second speed", "[two_speeds]") {
  Evidence evidence;
  evidence.baseline.push_back({times({10, 10.01, 9.99, 10}, 1e-6), 0.06});
  evidence.baseline.push_back({times({10.6, 10.61, 10.59, 10.6}, 1e-6), 0});
  std::swap(evidence.baseline[0].durations_s[0], evidence.baseline[1].durations_s[0]);
  evidence.screen_s = times(around(10.6), 1e-6);
  const auto speeds = find_two_speeds(evidence, 0.005);
  // Of the first session the one swapped process stands out, and one alone is no group.
  CHECK_FALSE(speeds);
}

TEST_CASE("beside a base build the speeds are those of its own processes", "[two_speeds]") {
  const Us base = mixed, head = times({10.60, 10.00, 10.01, 10.60, 10.59, 9.99, 10.60, 10.00, 10.61,
                                       10.01, 9.99, 10.60},
                                      1.03);
  const Evidence evidence = beside(base, head);
  REQUIRE(evidence.speeds);
  CHECK(evidence.speeds->base.slow == 6);
  CHECK(evidence.speeds->head.slow == 6);
  const SpeedChanges changes = speed_changes(*evidence.speeds);
  CHECK_THAT(changes.least, WithinAbs(0.03, 2e-3));
  CHECK_THAT(changes.most, WithinAbs(0.03, 2e-3));
  // Pairs of a fast and a slow process would scatter by 6 %.
  const Estimate found = *estimate(evidence);
  CHECK_THAT(found.effect, WithinAbs(std::log(1.03), 1e-3));
  CHECK(found.error < 1e-3);
}

TEST_CASE("a growing share of slow processes does not pass", "[two_speeds]") {
  const TwoSpeeds same{{10.3, 10, 10.6, 6, 6}, {10.3, 10, 10.6, 2, 3}};
  CHECK(speed_changes(same).slow_p > 0.4);
  const TwoSpeeds more{{10.3, 10, 10.6, 11, 1}, {10.3, 10, 10.6, 1, 11}};
  CHECK(speed_changes(more).slow_p < 1e-3);
  Us rarely(12, 10), often(12, 10.6);
  for (const std::size_t i : {3u, 8u}) std::swap(rarely[i], often[i]);
  CHECK(conclude(beside(rarely, rarely), {0.05, 0.05}, {}) == Conclusion::ruled_out);
  CHECK(conclude(beside(rarely, often), {0.05, 0.05}, {}) == Conclusion::two_speeds);
}
