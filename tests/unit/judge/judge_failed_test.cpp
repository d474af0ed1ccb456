// SPDX-License-Identifier: Apache-2.0
// Cases that were not measured or cannot be trusted are invalid or missing, with the reason.
#include "gate/report/make_report.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Returns the report on o_proj when `spoil` has changed a run that would pass.
template <class Spoil>
CaseReport judged_when_spoilt(Spoil spoil) {
  const Plan plan = small_plan();
  RunRecord run = run_of(plan, {around(10), around(5)});
  spoil(run);
  return make_report(run, baseline_of(plan, {around(10), around(5)}), strict_policy()).cases.at(0);
}

}  // namespace

TEST_CASE("a wrong result beats its timing, even a fast one", "[judge_failed]") {
  const CaseReport wrong = judged_when_spoilt([](RunRecord& run) {
    run.processes[2].checks[0].passed = false;
    run.processes[2].checks[0].error = 0.25;
    for (ProcessRecord& process : run.processes)
      if (!process.timings.empty()) process.timings[0].iq_mean_s = 1e-6;
  });
  CHECK(wrong.reason == Reason::wrong_result);
  CHECK(wrong.verdict() == Verdict::invalid);
  CHECK_THAT(wrong.why, ContainsSubstring("error 2.50e-01") && ContainsSubstring("4096 outputs"));
}

TEST_CASE("a NaN never passes", "[judge_failed]") {
  const CaseReport nan = judged_when_spoilt([](RunRecord& run) {
    run.processes[0].checks[0] = {case_of("o_proj"), std::nullopt, 1e-3, 64, false};
  });
  CHECK(nan.reason == Reason::wrong_result);
  CHECK(nan.why == "the output holds a NaN");
}

TEST_CASE("a case that ran other kernels is invalid", "[judge_failed]") {
  const CaseReport changed = judged_when_spoilt(
      [](RunRecord& run) { run.processes[3].kernels[0].launches[0].name = "another"; });
  CHECK(changed.reason == Reason::kernels_changed);
  CHECK(changed.verdict() == Verdict::invalid);
}

TEST_CASE("a case that the runner could not measure says why", "[judge_failed]") {
  const CaseReport failed = judged_when_spoilt([](RunRecord& run) {
    for (ProcessRecord& process : run.processes) {
      if (!process.timings.empty()) process.timings.erase(process.timings.begin());
      process.failures = {{case_of("o_proj"), "out of memory"}};
    }
  });
  CHECK(failed.reason == Reason::not_measured);
  CHECK(failed.why == "out of memory");
  CHECK_FALSE(failed.head_s);
}

TEST_CASE("a dead runner is a missing case, with its last words", "[judge_failed]") {
  const CaseReport dead = judged_when_spoilt([](RunRecord& run) {
    run.processes.resize(2);
    run.processes[1] = {};
    run.processes[1].error = "the runner was killed by SIGSEGV: x";
  });
  CHECK(dead.reason == Reason::runner_failed);
  CHECK(dead.verdict() == Verdict::missing);
  CHECK(dead.why == "timing process 2 of 2: the runner was killed by SIGSEGV: x");
}

TEST_CASE("one process is too few", "[judge_failed]") {
  const CaseReport one = judged_when_spoilt([](RunRecord& run) { run.processes.resize(1); });
  CHECK(one.reason == Reason::too_few_processes);
  CHECK(one.why == "1 process measured it, two are needed");
  const CaseReport none = judged_when_spoilt([](RunRecord& run) { run.processes.clear(); });
  CHECK(none.reason == Reason::too_few_processes);
  CHECK(none.why == "0 processes measured it, two are needed");
}

TEST_CASE("a case that the baseline does not have is missing", "[judge_failed]") {
  const RunRecord run = run_of(small_plan(), {around(10), around(5)});
  const Baseline baseline = baseline_of(small_plan({"silu_mul"}), {around(5)});
  const Report report = make_report(run, baseline, strict_policy());
  CHECK(report.cases[0].reason == Reason::no_baseline);
  CHECK(report.cases[0].head_s.value() == Approx(10e-6));
  CHECK_FALSE(report.cases[0].base_s);
  CHECK(report.cases[1].reason == Reason::within_tolerance);
}

TEST_CASE("a wrong result is the first of all reasons", "[judge_failed]") {
  const auto with_neighbour = [](RunRecord& run) {
    for (ProcessRecord& process : run.processes)
      process.conditions.emplace().others = {{4242, "x"}};
  };
  CHECK(judged_when_spoilt(with_neighbour).reason == Reason::gpu_busy);
  CHECK(judged_when_spoilt([&](RunRecord& run) {
          with_neighbour(run);
          run.processes[0].checks[0].passed = false;
        }).reason == Reason::wrong_result);
}
