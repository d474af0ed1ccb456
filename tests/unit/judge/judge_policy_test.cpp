// SPDX-License-Identifier: Apache-2.0
// What may be slower without being a regression: on another board, and where the change says that
// it is meant.
#include "gate/judge/judge.h"

#include <algorithm>
#include <cmath>

#include "gate/report/make_report.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

TEST_CASE("three sessions of the run's own board are compared alone", "[judge_policy]") {
  const Plan plan = small_plan({"o_proj"});
  Baseline baseline = baseline_of(plan, {around(10)});
  const auto add = [&](int number, const std::string& board, double us) {
    baseline.sessions[number] = {"", "", board, baseline.sessions.at(1).sentinels};
    for (const double one : around(us)) baseline.cases[0].sessions_s[number].push_back(one * 1e-6);
  };
  for (const int number : {2, 3, 4}) add(number, "GPU-another", 10.4);
  const RunRecord run = run_of(plan, {around(10)});
  const auto judged = [&] { return make_report(run, baseline, strict_policy()).cases[0]; };
  // One of its own beside three others: the mean of all four is 10.3 us.
  CHECK(judged().basis->evidence.baseline.size() == 4);
  CHECK_THAT(judged().change->effect, WithinAbs(10 / 10.3 - 1, 5e-4));
  add(5, "GPU-aaaa", 10);
  CHECK(judged().basis->evidence.baseline.size() == 5);
  add(6, "GPU-aaaa", 10);
  CHECK(judged().basis->evidence.baseline.size() == 3);
  CHECK_THAT(judged().change->effect, WithinAbs(0, 1e-4));
  CHECK_THAT(*judged().base_s, WithinRel(10e-6, 1e-3));
}

TEST_CASE("another board's baseline raises the tolerance", "[judge_policy]") {
  const Plan plan = small_plan({"o_proj"});
  JudgePolicy policy = strict_policy();
  policy.other_board = 0.03;
  Baseline baseline = baseline_of(plan, {around(10)});
  const RunRecord slow = run_of(plan, {around(10.4)});
  CHECK(make_report(slow, baseline, policy).cases[0].reason == Reason::slower);
  baseline.sessions.at(1).board = "GPU-another";
  CHECK(make_report(slow, baseline, policy).cases[0].reason == Reason::within_tolerance);
  CHECK_THAT(make_report(slow, baseline, policy).cases[0].threshold, WithinAbs(0.05, 1e-12));
  CHECK(make_report(run_of(plan, {around(10.6)}), baseline, policy).cases[0].reason ==
        Reason::slower);
  // Of two boards it knows how far they differ: nothing is added, and the bounds are wider.
  const double alone = make_report(slow, baseline, policy).cases[0].basis->estimate.error;
  baseline.sessions[2] = {"", "", "GPU-third", baseline.sessions.at(1).sentinels};
  baseline.cases[0].sessions_s[2] = {9.95e-6, 9.96e-6, 9.95e-6};
  const Report pool = make_report(slow, baseline, policy);
  CHECK_THAT(pool.cases[0].threshold, WithinAbs(0.02, 1e-12));
  CHECK(pool.cases[0].basis->estimate.error > 2 * alone);
  CHECK_THAT(pool.notes.at(0), ContainsSubstring("the baseline is of 2 other boards"));
}

TEST_CASE("a regression that the change means is accepted, if the policy lets it",
          "[judge_policy]") {
  const Plan plan = small_plan({"o_proj", "silu_mul"});
  const Baseline baseline = baseline_of(plan, {around(10), around(5)});
  const RunRecord slow = run_of(plan, {around(10.5), around(5.5)});
  JudgePolicy policy = strict_policy();
  policy.accepts = {{"*/o_proj", 0.06, "more precise", "lea"}};
  const auto report = [&] { return make_report(slow, baseline, policy); };
  // The policy has to let it.
  CHECK(report().cases[0].reason == Reason::slower);
  CHECK_THAT(report().cases[0].why,
             ContainsSubstring("not accepted (lea: more precise): the policy has no judge.accept"));
  policy.accept = true;
  const Report accepted = report();
  CHECK(accepted.cases[0].verdict() == Verdict::accepted);
  CHECK_THAT(accepted.cases[0].why,
             StartsWith("accepted up to 6.0 % (lea: more precise); slower by"));
  CHECK_THAT(accepted.notes.at(0),
             StartsWith("slower, and accepted by this change: " + case_of("o_proj") + " +5"));
  CHECK(accepted.cases[1].reason == Reason::slower);  // no entry names it
  CHECK(accepted.exit_code == ExitCode::regressed);
  CHECK_THAT(verdict_sentence(accepted), ContainsSubstring("1 accepted"));
  // The last entry that matches counts, and no more than it says.
  policy.accepts.push_back({"*", 0.04, "all", "max"});
  CHECK(report().cases[0].reason == Reason::slower);
  CHECK_THAT(report().cases[0].why, ContainsSubstring("not accepted (max: all): more than 4.0 %"));
  policy.accepts.back().ratio = 0.11;
  CHECK(report().exit_code == ExitCode::pass);
  CHECK(report().count(Verdict::accepted) == 2);
  // The screen's finding is measured again before it counts as meant.
  CHECK(cases_to_confirm(slow, baseline, policy).size() == 2);
}

TEST_CASE("on a board with another read roof less is seen, and the report says so",
          "[judge_policy]") {
  // Both cases move their bytes at the read roof, so all of its change is taken out: 4.4 %.
  Plan plan = small_plan({"attention", "o_proj"});
  for (Case& one : plan.cases) one.work.dram_bytes = 10e-6 * 4e12;
  Baseline baseline = baseline_of(plan, {around(10), around(10)});
  baseline.sessions.at(1).sentinels = Sentinels{4.6e12, 60e12};
  baseline.sessions[2] = baseline.sessions.at(1);
  baseline.sessions.at(1).board = "GPU-second";
  baseline.sessions.at(2).board = "GPU-third";
  for (BaselineCase& one : baseline.cases) one.sessions_s[2] = one.sessions_s.at(1);
  JudgePolicy policy = strict_policy();
  policy.tolerances = {{"*", 0.008, "test"}};
  const auto report = [&](double attention_us, double o_proj_us) {
    RunRecord run = run_of(plan, {around(attention_us), around(o_proj_us)});
    for (ProcessRecord& process : run.processes)
      if (process.sentinels) process.sentinels = Sentinels{4.6e12 / 1.044, 60e12};
    return make_report(run, baseline, policy);
  };
  // Kernels of an H200 were slower by 0.1 to 1.3 times as much: neither is the code's doing.
  const Report unchanged = report(10.56, 10.04);
  CHECK(unchanged.exit_code == ExitCode::pass);
  const CaseReport &high = unchanged.cases[0], &low = unchanged.cases[1];
  CHECK_THAT(high.change->effect, WithinAbs(0.0115, 1e-3));
  CHECK_THAT(high.threshold, WithinAbs(0.008 + 0.3 * std::log(1.044), 1e-3));
  CHECK_THAT(low.change->effect, WithinAbs(-0.0383, 1e-3));
  CHECK(low.verdict() == Verdict::pass);
  // A bound has to hold the truth: o_proj may be as fast as ever.
  CHECK(low.change->upper > 0);
  CHECK(low.change->detectable > 1.2 * std::log(1.044));
  CHECK(std::any_of(unchanged.notes.begin(), unchanged.notes.end(), [](const std::string& note) {
    return note.find("slowdowns under 6 % beside the tolerance are not seen") != std::string::npos;
  }));
  // What no board explains is found.
  CHECK(report(11.2, 10.4).cases[0].reason == Reason::slower);
  // The way back, to a board with the faster memory: what follows less looks slower.
  for (auto& [number, session] : baseline.sessions)
    session.sentinels = Sentinels{4.6e12 / 1.044 / 1.044, 60e12};
  CHECK(report(9.9, 9.96).exit_code == ExitCode::pass);
  // One session of the board itself is half of the evidence, three are all of it.
  baseline.sessions.at(2) = {"", "", "GPU-aaaa", Sentinels{4.6e12 / 1.044, 60e12}};
  CHECK_THAT(report(10, 10).cases[0].basis->evidence.scaling.over,
             WithinAbs(0.9 * std::log(1.044) / 2, 1e-4));
  for (const int number : {3, 4}) {
    baseline.sessions[number] = baseline.sessions.at(2);
    for (BaselineCase& one : baseline.cases) one.sessions_s[number] = one.sessions_s.at(2);
  }
  CHECK(report(10.2, 10).cases[0].reason == Reason::slower);
  for (const std::string& note : report(10.2, 10).notes)
    CHECK_THAT(note, !ContainsSubstring("read roof"));
}

TEST_CASE("what the sentinels of the baseline's own board moved by is doubted, too",
          "[judge_policy]") {
  const Plan plan = small_plan({"o_proj"});
  Baseline baseline = baseline_of(plan, {around(10)});
  const auto report = [&](double us, double machine) {
    RunRecord run = run_of(plan, {around(us)});
    for (ProcessRecord& process : run.processes)
      if (process.sentinels) process.sentinels = Sentinels{4.0e12 / machine, 6.0e13 / machine};
    return make_report(run, baseline, strict_policy());
  };
  // As between two runs, half a percent: all of it is taken out.
  CHECK(report(10.3, 1 / 1.005).cases[0].reason == Reason::slower);
  CHECK(report(10, 1 / 1.005).notes.size() == 1);
  // A sentinel that reads 5 % too much or too little neither accuses the code nor praises it.
  CHECK(report(10, 1 / 1.05).cases[0].verdict() == Verdict::pass);
  CHECK(report(10, 1.05).cases[0].verdict() == Verdict::pass);
  CHECK_THAT(report(10, 1.05).notes.at(0),
             ContainsSubstring("slowdowns under 7 % beside the tolerance are not seen here. Its "
                               "clocks, or what else runs on it"));
  // Nothing can be said of a machine that is so far off, whatever the durations are.
  for (const double far : {0.5, 1 / 1.11, 1.11, 1.43}) {
    const Report none = report(10 * far, far);
    CHECK(none.cases[0].reason == Reason::machine_moved);
    CHECK(none.exit_code == ExitCode::no_verdict);
  }
  CHECK_THAT(report(14.3, 1.43).cases[0].why, ContainsSubstring("by +43.0 % since the baseline"));
  CHECK_THAT(report(14.3, 1.43).notes.at(0),
             ContainsSubstring("what a roof bounds that moved so far is not judged"));
  CHECK(report(10.55, 1.055).exit_code == ExitCode::pass);
}

TEST_CASE("an unknown board without sentinels neither accuses nor passes in silence",
          "[judge_policy]") {
  const Plan plan = small_plan({"o_proj"});
  Baseline baseline = baseline_of(plan, {around(10)});
  const auto report = [&](double us) {
    RunRecord run = run_of(plan, {around(us)});
    for (ProcessRecord& process : run.processes) process.sentinels.reset();
    return make_report(run, baseline, strict_policy());
  };
  // On its own board a slower machine can't be told from slower code, and the report says so.
  CHECK(report(10.43).exit_code == ExitCode::regressed);
  CHECK_THAT(report(10).notes.at(0), StartsWith("no sentinels in this run: a machine that"));
  baseline.sessions.at(1).board = "GPU-another";
  const Report other = report(10.43);
  CHECK(other.exit_code == ExitCode::pass);
  CHECK_THAT(other.notes.at(0), !ContainsSubstring("scaled by the sentinels"));
  CHECK_THAT(other.notes.at(1), StartsWith("no sentinels in this run: how fast this board is") &&
                                    ContainsSubstring("slowdowns under 12 % are not seen"));
  CHECK(report(11.3).cases[0].reason == Reason::slower);
}
