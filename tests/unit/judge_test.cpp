// The verdict of a case. What a whole report says beside its cases is in judge_report_test.cpp.
#include "gate/judge.h"

#include <random>
#include <set>

#include "catch.h"
#include "support.h"

using namespace perfgate;

namespace {

// Five processes that scatter by 0.1 %: small against any change below.
std::vector<double> around(double us) {
  return {us, us * 1.001, us * 0.999, us * 1.0005, us * 0.9995};
}

/// o_proj as given, silu_mul unchanged.
CaseReport judged(const std::vector<double>& base, const std::vector<double>& head,
                  const JudgePolicy& policy = strict_policy()) {
  const Plan plan = small_plan();
  const std::vector<double> calm_base(base.size(), 5), calm_head(head.size(), 5);
  return judge(run_of(plan, {head, calm_head}), baseline_of(plan, {base, calm_base}), policy)
      .cases.at(0);
}

/// The report on o_proj when `spoil` has changed a run that would pass.
template <class Spoil>
CaseReport spoilt(Spoil spoil) {
  const Plan plan = small_plan();
  RunRecord run = run_of(plan, {around(10), around(5)});
  spoil(run);
  return judge(run, baseline_of(plan, {around(10), around(5)}), strict_policy()).cases.at(0);
}

}  // namespace

TEST_CASE("slower is regressed, faster is improved, never the other way round", "[judge]") {
  const CaseReport slower = judged(around(10), around(10.5));
  CHECK(slower.reason == Reason::slower);
  CHECK(slower.verdict() == Verdict::regressed);
  CHECK_THAT(slower.change->effect, WithinAbs(0.05, 1e-3));
  const CaseReport faster = judged(around(10), around(9.5));
  CHECK(faster.reason == Reason::faster);
  CHECK(faster.verdict() == Verdict::improved);
  CHECK_THAT(faster.change->effect, WithinAbs(-0.05, 1e-3));
}

TEST_CASE("whatever the size, faster never regresses and slower never improves", "[judge]") {
  for (const double factor : {0.3, 0.5, 0.9, 0.97, 0.979}) {
    CHECK(judged(around(10), around(10 * factor)).reason == Reason::faster);
    CHECK(judged(around(10 * factor), around(10)).reason == Reason::slower);
  }
}

TEST_CASE("a change inside the tolerance passes on both sides", "[judge]") {
  for (const double factor : {0.985, 0.99, 1.0, 1.01, 1.015})
    CHECK(judged(around(10), around(10 * factor)).reason == Reason::within_tolerance);
}

TEST_CASE("scatter that could hide a regression is inconclusive, not a pass", "[judge]") {
  const CaseReport noisy = judged({9, 11, 10, 9.5, 10.5}, {9.2, 11.3, 10.1, 9.4, 10.8});
  CHECK(noisy.reason == Reason::too_noisy);
  CHECK(noisy.verdict() == Verdict::inconclusive);
  CHECK(noisy.change->detectable > 0.02);
  CHECK_THAT(noisy.why, ContainsSubstring("smallest change that this run could prove"));
}

TEST_CASE("scatter that hides little is a pass that says how much", "[judge]") {
  // A scatter of 1.6 %: one-sided t(0.99, df 8) = 2.896 times 1.58 % * sqrt(2/5) is 2.9 %, above
  // the tolerance; with 90 % power, t(0.9, df 8) = 1.397 more, the run sees 4.3 %.
  const std::vector<double> us{9.8, 10.2, 10.0, 9.9, 10.1};
  const CaseReport one = judged(us, us);
  CHECK(one.reason == Reason::not_flagged);
  CHECK(one.verdict() == Verdict::pass);
  CHECK_THAT(one.change->detectable, WithinAbs(0.0434, 1e-3));
}

TEST_CASE("a baseline that was as slow itself makes nobody slower", "[judge]") {
  // A kernel with two speeds, 10 and 10.6 us: the baseline saw the slow one at one placement.
  const Plan plan = small_plan({"o_proj"});
  RunRecord calm = run_of(plan, {around(10)});
  for (ProcessRecord& process : calm.processes)
    if (!process.timings.empty()) process.timings[0].placements_s = {10e-6, 10.6e-6};
  const Baseline baseline = make_baseline(calm);
  CHECK(baseline.cases[0].slowest_s == 10.6e-6);
  const CaseReport in_slow_mode =
      judge(run_of(plan, {around(10.5)}), baseline, strict_policy()).cases[0];
  CHECK(in_slow_mode.reason == Reason::within_scatter);
  CHECK(in_slow_mode.verdict() == Verdict::pass);
  CHECK(judge(run_of(plan, {around(10.9)}), baseline, strict_policy()).cases[0].reason ==
        Reason::slower);
}

TEST_CASE("another board's baseline proves nobody slower", "[judge]") {
  const Plan plan = small_plan({"o_proj"});
  Baseline baseline = baseline_of(plan, {around(10)});
  const RunRecord slow = run_of(plan, {around(11)});
  CHECK(judge(slow, baseline, strict_policy()).cases[0].reason == Reason::slower);
  baseline.gpu.uuid = "GPU-another";
  const Report report = judge(slow, baseline, strict_policy());
  CHECK(report.cases[0].reason == Reason::other_board);
  CHECK(report.exit_code == ExitCode::no_verdict);
  // What is not slower passes all the same.
  CHECK(judge(run_of(plan, {around(10)}), baseline, strict_policy()).exit_code == ExitCode::pass);
}

TEST_CASE("an effect above the tolerance without proof is no regression", "[judge]") {
  // 5 % slower on average, but with a scatter of 10 %.
  CHECK(judged({9, 11, 10, 9.5, 10.5}, {9.5, 11.5, 10.5, 10, 11}).reason == Reason::too_noisy);
}

TEST_CASE("a proved effect below the tolerance is no regression", "[judge]") {
  const CaseReport small = judged(around(10), around(10.1));
  CHECK(small.change->lower > 0);
  CHECK(small.reason == Reason::within_tolerance);
}

TEST_CASE("the floor in seconds spares short kernels only", "[judge]") {
  JudgePolicy policy = strict_policy();
  policy.floor_s = 0.1e-6;
  // 2 us + 4 % are 0.08 us; 200 us + 4 % are 8 us.
  CHECK(judged(around(2), around(2.08), policy).reason == Reason::within_tolerance);
  CHECK(judged(around(200), around(208), policy).reason == Reason::slower);
  CHECK(judged(around(2), around(1.92), policy).reason == Reason::within_tolerance);
  // 0.1 us of 2 us.
  CHECK_THAT(judged(around(2), around(2.08), policy).tolerance, WithinRel(0.05, 1e-3));
  CHECK(judged(around(2), around(2.2), policy).reason == Reason::slower);
  policy.floor_s = 0;
  CHECK(judged(around(2), around(2.08), policy).reason == Reason::slower);
}

TEST_CASE("a case is held against the last tolerance that matches it", "[judge]") {
  JudgePolicy policy = strict_policy();
  policy.tolerances = {{"*", 0.10, ""}, {"*/o_proj", 0.20, ""}, {"llama*", 0.03, ""}};
  CHECK(judged(around(10), around(10.5), policy).reason == Reason::slower);
  CHECK(judged(around(10), around(10.5), policy).tolerance == 0.03);
  policy.tolerances.push_back({"*/o_proj", 0.20, ""});
  CHECK(judged(around(10), around(10.5), policy).reason == Reason::within_tolerance);
}

TEST_CASE("a wrong result beats its timing, even a fast one", "[judge]") {
  const CaseReport wrong = spoilt([](RunRecord& run) {
    run.processes[2].checks[0].passed = false;
    run.processes[2].checks[0].error = 0.25;
    for (ProcessRecord& process : run.processes)
      if (!process.timings.empty()) process.timings[0].iq_mean_s = 1e-6;
  });
  CHECK(wrong.reason == Reason::wrong_result);
  CHECK(wrong.verdict() == Verdict::invalid);
  CHECK_THAT(wrong.why, ContainsSubstring("error 2.50e-01") && ContainsSubstring("4096 outputs"));
}

TEST_CASE("a NaN never passes", "[judge]") {
  const CaseReport nan = spoilt([](RunRecord& run) {
    run.processes[0].checks[0] = {case_of("o_proj"), std::nullopt, 1e-3, 64, false};
  });
  CHECK(nan.reason == Reason::wrong_result);
  CHECK(nan.why == "the output holds a NaN");
}

TEST_CASE("a case that ran other kernels is invalid", "[judge]") {
  const CaseReport changed =
      spoilt([](RunRecord& run) { run.processes[3].kernels[0].launches[0].name = "another"; });
  CHECK(changed.reason == Reason::kernels_changed);
  CHECK(changed.verdict() == Verdict::invalid);
}

TEST_CASE("a case that the runner could not measure says why", "[judge]") {
  const CaseReport failed = spoilt([](RunRecord& run) {
    for (ProcessRecord& process : run.processes) {
      if (!process.timings.empty()) process.timings.erase(process.timings.begin());
      process.failures = {{case_of("o_proj"), "out of memory"}};
    }
  });
  CHECK(failed.reason == Reason::not_measured);
  CHECK(failed.why == "out of memory");
  CHECK_FALSE(failed.head_s);
}

TEST_CASE("a dead runner is a missing case, with its last words", "[judge]") {
  const CaseReport dead = spoilt([](RunRecord& run) {
    run.processes.resize(2);
    run.processes[1] = {};
    run.processes[1].error = "the runner was killed by SIGSEGV: x";
  });
  CHECK(dead.reason == Reason::runner_failed);
  CHECK(dead.verdict() == Verdict::missing);
  CHECK(dead.why == "timing process 2 of 2: the runner was killed by SIGSEGV: x");
}

TEST_CASE("one process is too few", "[judge]") {
  const CaseReport one = spoilt([](RunRecord& run) { run.processes.resize(1); });
  CHECK(one.reason == Reason::too_few_processes);
  CHECK(one.why == "1 process measured it, two are needed");
  const CaseReport none = spoilt([](RunRecord& run) { run.processes.clear(); });
  CHECK(none.reason == Reason::too_few_processes);
  CHECK(none.why == "0 processes measured it, two are needed");
}

TEST_CASE("a case that the baseline does not have is missing", "[judge]") {
  const RunRecord run = run_of(small_plan(), {around(10), around(5)});
  const Baseline baseline = baseline_of(small_plan({"silu_mul"}), {around(5)});
  const Report report = judge(run, baseline, strict_policy());
  CHECK(report.cases[0].reason == Reason::no_baseline);
  CHECK(report.cases[0].head_s.value() == Approx(10e-6));
  CHECK_FALSE(report.cases[0].base_s);
  CHECK(report.cases[1].reason == Reason::within_tolerance);
}

TEST_CASE("metrics of both sides stand beside the verdict and do not decide", "[judge]") {
  const Plan plan = small_plan();
  RunRecord run = run_of(plan, {around(10), around(5)});
  run.processes.back().metrics[0].values = {{"ipc", 0.01}};
  const CaseReport one =
      judge(run, baseline_of(plan, {around(10), around(5)}), strict_policy()).cases.at(0);
  CHECK(one.verdict() == Verdict::pass);
  CHECK(one.metrics.at("ipc").base == 0.25);
  CHECK(one.metrics.at("ipc").head == 0.01);
  CHECK(one.metrics.at("hbm_throughput").base == 0.875);
  CHECK_FALSE(one.metrics.at("hbm_throughput").head);
}

TEST_CASE("every planned case is judged once, whatever happened to the run", "[judge]") {
  std::mt19937 random(11);
  const std::vector<std::string> names{"qkv_proj", "o_proj", "silu_mul", "layer"};
  const Plan plan = small_plan(names);
  std::set<Reason> seen;
  for (int round = 0; round < 300; ++round) {
    const auto chance = [&](unsigned one_in) { return random() % one_in == 0; };
    Microseconds us, base_us;
    for (std::size_t i = 0; i < plan.cases.size(); ++i) {
      std::normal_distribution<double> head(10 * (chance(3)   ? 1.3
                                                  : chance(3) ? 0.8
                                                              : 1),
                                            chance(4) ? 1.0 : 0.01);
      std::normal_distribution<double> base(10, 0.01);
      us.emplace_back();
      base_us.emplace_back();
      for (int process = 0; process < 4; ++process) {
        us.back().push_back(chance(4) ? -1 : std::max(1.0, head(random)));
        base_us.back().push_back(std::max(1.0, base(random)));
      }
    }
    RunRecord run = run_of(plan, us);
    if (chance(5)) run.processes[random() % 4].error = "died";
    if (chance(5) && !run.processes[0].checks.empty()) run.processes[0].checks[0].passed = false;
    if (chance(5) && !run.processes[1].kernels.empty())
      run.processes[1].kernels[0].launches.clear();
    if (chance(5)) run.processes[2].failures = {{plan.cases[1].id, "no"}};
    // What spoils the last timing process spoils the run: a neighbour, heat, a clock off its place.
    if (chance(6)) run.processes[3].conditions.emplace().others = {{4242, "x"}};
    if (chance(6)) run.processes[3].conditions.emplace().events = 0x40;
    Baseline baseline = baseline_of(plan, base_us);
    if (chance(5)) baseline.gpu.uuid = "GPU-another";
    if (chance(5)) baseline.cases[0].slowest_s = 1;
    if (chance(5)) baseline.cases.pop_back();
    if (chance(6)) run.clocks = ClockPolicy::verify;
    if (run.clocks == ClockPolicy::verify && !run.processes[3].conditions && chance(2))
      run.processes[3].conditions.emplace();
    JudgePolicy policy = strict_policy();
    if (chance(2)) policy.on_inconclusive = OnInconclusive::warn;

    const Report report = judge(run, baseline, policy);
    REQUIRE(report.cases.size() == plan.cases.size());
    std::size_t counted = 0;
    for (const VerdictInfo& info : verdicts) counted += report.count(info.verdict);
    REQUIRE(counted == plan.cases.size());
    for (std::size_t i = 0; i < plan.cases.size(); ++i) {
      REQUIRE(report.cases[i].id == plan.cases[i].id);
      REQUIRE_FALSE(report.cases[i].why.empty());
      seen.insert(report.cases[i].reason);
    }
    const bool undecided =
        report.count(Verdict::inconclusive) > 0 && policy.on_inconclusive == OnInconclusive::fail;
    const ExitCode wanted = report.count(Verdict::regressed) > 0 ? ExitCode::regressed
                            : report.failed() > 0 || undecided   ? ExitCode::no_verdict
                                                                 : ExitCode::pass;
    REQUIRE(report.exit_code == wanted);
  }
  // The rounds were worth it: they reached every reason there is.
  CHECK(seen.size() == reasons.size());
}
