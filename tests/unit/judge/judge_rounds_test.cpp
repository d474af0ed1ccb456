// SPDX-License-Identifier: Apache-2.0
// Rounds in the judge: which cases need some, and what they are compared with.
#include <fmt/format.h>

#include <array>

#include "gate/judge/judge.h"
#include "gate/report/make_report.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const Plan rounds_plan = small_plan({"o_proj"});
constexpr std::array sides_of_a_round{Side::head, Side::base};

ProcessRecord round_of(int round, Side side, double us) {
  ProcessRecord process;
  process.round = round;
  process.side = side;
  process.sentinels = Sentinels{4.0e12, 6.0e13};  // the baseline's, from tests/support
  process.timings.push_back(
      timing_of(rounds_plan.cases[0].id, us * (round % 2 ? 1.0005 : 0.9995) * 1e-6));
  process.checks.push_back({rounds_plan.cases[0].id, 1e-4, 1e-3, 4096, true});
  return process;
}

/// Returns a screen of `screen_us`, with rounds of `us`.
RunRecord with_rounds(int rounds, double us, double screen_us = 10.5) {
  RunRecord run = run_of(rounds_plan, {around(screen_us)});
  for (int round = 1; round <= rounds; ++round)
    run.processes.push_back(round_of(round, Side::head, us));
  return run;
}

/// Returns the same beside a base build of 10 us.
RunRecord with_base_build(int rounds, double us) {
  RunRecord run = run_of(rounds_plan, {around(10.5)});
  for (int round = 1; round <= rounds; ++round) {
    run.processes.push_back(round_of(round, Side::head, us * (1 + 0.0001 * round)));
    run.processes.push_back(round_of(round, Side::base, 10));
  }
  return run;
}

void slow_sentinels(RunRecord& run, double factor, bool of_rounds) {
  for (ProcessRecord& process : run.processes)
    if (process.sentinels && (process.round > 0) == of_rounds)
      process.sentinels = Sentinels{4.0e12 / factor, 6.0e13 / factor};
}

CaseReport judged(const RunRecord& run,
                  const Baseline& baseline = baseline_of(rounds_plan, {around(10)})) {
  return make_report(run, baseline, strict_policy()).cases.at(0);
}

}  // namespace

TEST_CASE("what a screen proves is measured again, and what rounds leave open", "[judge_rounds]") {
  const Baseline baseline = baseline_of(rounds_plan, {around(10)});
  const auto again = [&](const RunRecord& run, Reason reason) {
    CHECK(judged(run).reason == reason);
    return !cases_to_confirm(run, baseline, strict_policy()).empty();
  };
  CHECK_FALSE(again(run_of(rounds_plan, {around(10)}), Reason::within_tolerance));
  CHECK(again(run_of(rounds_plan, {around(10.5)}), Reason::slower));
  CHECK(again(run_of(rounds_plan, {{9, 11, 10, 9.5, 10.5}}), Reason::unconfirmed));
  CHECK(again(run_of(rounds_plan, {around(9.5)}), Reason::faster));
  CHECK_FALSE(again(run_of(rounds_plan, {around(9.79)}), Reason::seems_faster));
  CHECK_FALSE(again(with_rounds(6, 9.5), Reason::faster));
  CHECK(again(with_rounds(6, 9.79), Reason::seems_faster));
  CHECK(again(with_rounds(12, 9.795), Reason::seems_faster));
  CHECK_FALSE(again(with_rounds(24, 9.798), Reason::seems_faster));
  CHECK_FALSE(again(with_rounds(6, 10), Reason::not_confirmed));
}

TEST_CASE("the machine of the rounds is taken out of the rounds", "[judge_rounds]") {
  RunRecord run = with_rounds(6, 10.5);
  CHECK(judged(run).reason == Reason::slower);
  slow_sentinels(run, 1.05, false);  // it was slow in the screen, and no longer is
  CHECK(judged(run).reason == Reason::slower);
  slow_sentinels(run, 1.05, true);
  CHECK(judged(run).reason == Reason::not_confirmed);
  CHECK_THAT(judged(run).change->effect, WithinAbs(0, 1e-3));
}

TEST_CASE("rounds without sentinels, as a program's, are of the screen's machine",
          "[judge_rounds]") {
  const auto reason = [](double us, double machine) {
    RunRecord run = with_rounds(6, us, us);
    for (ProcessRecord& process : run.processes)
      if (process.round > 0) process.sentinels.reset();
    slow_sentinels(run, machine, false);
    return judged(run).reason;
  };
  CHECK(reason(10.25, 1.009) == Reason::not_confirmed);  // 1.6 % are the code's
  CHECK(reason(10.25, 1) == Reason::slower);
  CHECK(reason(10.15, 1 / 1.009) == Reason::slower);  // 2.4 % are
}

TEST_CASE("beside a base build nothing is taken out", "[judge_rounds]") {
  RunRecord run = with_base_build(6, 10.5);
  slow_sentinels(run, 1.05, false);
  slow_sentinels(run, 1.05, true);
  CHECK(judged(run).reason == Reason::slower);
  CHECK_THAT(judged(run).change->effect, WithinAbs(0.05, 1e-3));
}

TEST_CASE("beside a base build the tolerance is this board's", "[judge_rounds]") {
  Baseline baseline = baseline_of(rounds_plan, {around(10)});
  baseline.sessions.at(1).board = "GPU-another";
  JudgePolicy policy = strict_policy();
  policy.other_board = 0.08;
  const auto tolerance = [&](const RunRecord& run) {
    return make_report(run, baseline, policy).cases[0].threshold;
  };
  CHECK_THAT(tolerance(with_rounds(6, 10)), WithinAbs(0.10, 1e-12));
  CHECK_THAT(tolerance(with_base_build(6, 10)), WithinAbs(0.02, 1e-12));
}

namespace {

/// Returns a screen of pairs: five processes of `head_us` beside a base build of `base_us`.
RunRecord in_pairs(double head_us, double base_us) {
  RunRecord run = run_of(rounds_plan, {around(head_us)});
  for (const double us : around(base_us)) {
    ProcessRecord process = round_of(1, Side::base, us / 1.0005);
    process.round = 0;
    run.processes.push_back(process);
  }
  return run;
}

}  // namespace

TEST_CASE("a screen beside a base build is judged against it", "[judge_rounds]") {
  // The baseline's 10 us were a slow day's: against them the head is no slower.
  const CaseReport slower = judged(in_pairs(10, 9.6));
  CHECK(slower.reason == Reason::slower);
  CHECK_THAT(slower.change->effect, WithinAbs(10 / 9.6 - 1, 1e-4));
  CHECK_THAT(slower.why, ContainsSubstring("5 pairs with the base build"));
  CHECK(cases_to_confirm(in_pairs(10, 9.6), baseline_of(rounds_plan, {around(10)}), strict_policy())
            .size() == 1);
  const CaseReport same = judged(in_pairs(9.6, 9.6));
  CHECK(same.verdict() == Verdict::pass);
  CHECK_FALSE(same.drift);
}

TEST_CASE("a base build that was asked for and not measured is no pass", "[judge_rounds]") {
  const RunRecord paired = in_pairs(10, 10);
  REQUIRE(judged(paired).verdict() == Verdict::pass);
  const auto without = [&](const auto& spoil) {
    RunRecord run = paired;
    for (ProcessRecord& process : run.processes)
      if (process.side == Side::base) spoil(process);
    return judged(run);
  };
  // It died, left the case out, said why it could not measure it, or was never checked.
  const CaseReport dead = without([](ProcessRecord& process) {
    process.timings.clear();
    process.error = "SIGSEGV";
  });
  CHECK(dead.reason == Reason::not_measured);
  CHECK_THAT(dead.why,
             StartsWith("the base build: timing process 1 of 5") && ContainsSubstring("SIGSEGV"));
  const CaseReport dropped = without([](ProcessRecord& process) { process.timings.clear(); });
  CHECK(dropped.reason == Reason::not_measured);
  const CaseReport failed = without([](ProcessRecord& process) {
    process.timings.clear();
    process.failures.push_back({rounds_plan.cases[0].id, "out of memory"});
  });
  CHECK(failed.why == "the base build: out of memory");
  const CaseReport unchecked = without([](ProcessRecord& process) { process.checks.clear(); });
  CHECK(unchecked.reason == Reason::not_checked);
  CHECK_THAT(unchecked.why, StartsWith("the base build: "));
  // A process that was lost costs its pair only.
  int lost = 0;
  CHECK(without([&](ProcessRecord& process) {
          if (lost++ == 0) process.timings.clear();
        }).verdict() == Verdict::pass);
}

TEST_CASE("what came before the change is a drift, and no regression", "[judge_rounds]") {
  const CaseReport drifted = judged(in_pairs(10.5, 10.45));
  CHECK(drifted.verdict() == Verdict::pass);
  REQUIRE(drifted.drift);
  CHECK_THAT(drifted.drift->effect, WithinAbs(0.05, 1e-3));
  CHECK_THAT(drifted.why, ContainsSubstring("drifted: +5.0 % against the stored baseline"));
  // Less than the tolerance of 2 %, or not proved: no drift.
  CHECK_FALSE(judged(in_pairs(10.15, 10.15)).drift);
  // The change's own slowdown is that, and not a drift.
  CHECK_FALSE(judged(in_pairs(10.5, 10)).drift);
  CHECK_FALSE(judged(with_base_build(6, 10.5)).drift);
}

TEST_CASE("beside a base build only the flagged cases share the error", "[judge_rounds]") {
  const Plan two = small_plan({"o_proj", "silu_mul"});
  RunRecord run = run_of(two, {around(10.5), around(5)});
  for (int round = 1; round <= 6; ++round)
    for (const Side side : sides_of_a_round)
      run.processes.push_back(round_of(round, side, side == Side::head ? 10.5 : 10));
  const Report report =
      make_report(run, baseline_of(two, {around(10), around(5)}), strict_policy());
  CHECK(report.cases[0].basis->judged == 1);
  CHECK(report.cases[1].basis->judged == 1);
  // Against the stored baseline the rounds share its sessions with the screen, so all cases do.
  std::erase_if(run.processes, [](const ProcessRecord& one) { return one.side == Side::base; });
  CHECK(make_report(run, baseline_of(two, {around(10), around(5)}), strict_policy())
            .cases[0]
            .basis->judged == 2);
}
