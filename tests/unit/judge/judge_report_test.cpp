// SPDX-License-Identifier: Apache-2.0
// What a report says besides its cases: exit code, notes, conditions, and what cannot be compared.
#include "gate/report/make_report.h"
#include "gate/util/text.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const std::vector<double> ten{10, 10.01, 9.99, 10.005}, five{5, 5.005, 4.995, 5.0025},
    slow{12, 12.01, 11.99, 12.005}, noisy{10, 13, 8, 11};

Report report_of(const RunRecord& run, const JudgePolicy& policy = strict_policy()) {
  return make_report(run, baseline_of(small_plan(), {ten, five}), policy);
}

RunRecord good_run() {
  return run_of(small_plan(), {ten, five});
}

std::string notes_of(const Report& report) {
  return join(report.notes, "\n");
}

}  // namespace

TEST_CASE("everything judged and nothing regressed is a pass", "[judge_report]") {
  const Report report = report_of(good_run());
  CHECK(report.exit_code == ExitCode::pass);
  CHECK(report.failed() == 0);
  CHECK(report.count(Verdict::pass) == 2);
  CHECK(notes_of(report) ==
        "free clocks, which were not read; clocks = \"lock\" or --lock-clocks holds them");
  CHECK(report.gpu_name == "NVIDIA H200");
  CHECK_THAT(report.wall_s, WithinAbs(4 * 1.5 + 0.001 + 0.002 + 0.003 + 2.5, 1e-9));
  CHECK(report.against == "h200 of 2025-01-02T03:04:05Z (0123456789ab)");
  CHECK_THAT(report.conditions, ContainsSubstring("NVIDIA H200, driver 570.86.15, CUDA 12.8") &&
                                    ContainsSubstring("clocks observe"));
}

TEST_CASE("an improvement is a pass", "[judge_report]") {
  CHECK(report_of(run_of(small_plan(), {five, five})).exit_code == ExitCode::pass);
}

TEST_CASE("a missing case is no pass, and a regression wins over it", "[judge_report]") {
  RunRecord run = good_run();
  for (ProcessRecord& process : run.processes)
    if (!process.timings.empty()) process.timings.pop_back();
  CHECK(report_of(run).exit_code == ExitCode::no_verdict);
  for (std::size_t i = 0; i < 4; ++i) run.processes[i].timings[0].iq_mean_s = slow[i] * 1e-6;
  const Report report = report_of(run);
  CHECK(report.exit_code == ExitCode::regressed);
  CHECK(report.count(Verdict::missing) == 1);
}

TEST_CASE("an invalid case is no pass", "[judge_report]") {
  RunRecord run = good_run();
  run.processes[0].checks[1].passed = false;
  CHECK(report_of(run).exit_code == ExitCode::no_verdict);
}

TEST_CASE("inconclusive fails or warns as the policy says", "[judge_report]") {
  const RunRecord run = run_of(small_plan(), {noisy, five});
  JudgePolicy policy = strict_policy();
  CHECK(report_of(run, policy).exit_code == ExitCode::no_verdict);
  policy.on_inconclusive = OnInconclusive::warn;
  CHECK(report_of(run, policy).exit_code == ExitCode::pass);
  // A warning never hides a missing case.
  RunRecord incomplete = run;
  for (ProcessRecord& process : incomplete.processes)
    if (!process.timings.empty()) process.timings.pop_back();
  CHECK(report_of(incomplete, policy).exit_code == ExitCode::no_verdict);
}

TEST_CASE("a run with nothing in it has no verdict", "[judge_report]") {
  RunRecord run = good_run();
  run.gpu.reset();
  run.processes.clear();
  CHECK(error_of<NoVerdict>([&] { report_of(run); }) ==
        "nothing was measured: the run has no process in it");
  run.processes.emplace_back();
  run.processes[0].error = "the runner exited with status 3: no device";
  CHECK_THAT(error_of<NoVerdict>([&] { report_of(run); }),
             ContainsSubstring("exited with status 3: no device"));
  RunRecord no_processes = good_run();
  no_processes.processes.clear();
  CHECK(report_of(no_processes).exit_code == ExitCode::no_verdict);
}

TEST_CASE("a plan of nothing has no verdict", "[judge_report]") {
  RunRecord run = good_run();
  run.plan.cases.clear();
  const Report report = report_of(run);
  for (const CaseReport& owed : report.cases) CHECK(owed.reason == Reason::not_planned);
  CHECK(report.exit_code == ExitCode::no_verdict);
  run.only = {"another/*"};  // which owes nothing of this baseline
  CHECK(report_of(run).cases.empty());
  CHECK(report_of(run).exit_code == ExitCode::no_verdict);
}

TEST_CASE("another GPU model is not compared", "[judge_report]") {
  RunRecord run = good_run();
  run.gpu->name = "NVIDIA A100-SXM4-80GB";
  CHECK(error_of<NoVerdict>([&] { report_of(run); }) ==
        "the run is of NVIDIA A100-SXM4-80GB, the baseline of NVIDIA H200: not comparable");
}

TEST_CASE("a process that died is noted, and the good ones are judged", "[judge_report]") {
  RunRecord run = good_run();
  run.processes[1] = {};
  run.processes[1].error = "the runner was killed by SIGSEGV: oops";
  const Report report = report_of(run);
  CHECK(report.exit_code == ExitCode::pass);
  CHECK_THAT(notes_of(report),
             ContainsSubstring("timing process 2 of 5: the runner was killed by SIGSEGV: oops"));
}

TEST_CASE("a run without counters is judged and says so", "[judge_report]") {
  RunRecord run = good_run();
  run.processes.pop_back();
  const Report report = report_of(run);
  CHECK(report.exit_code == ExitCode::pass);
  CHECK_THAT(notes_of(report), ContainsSubstring("no counters in this run"));
}

TEST_CASE("a metric that the chip does not have is noted", "[judge_report]") {
  RunRecord run = good_run();
  run.processes.back().absent = {{"l2_hit_rate", "no such counter on GB202"}};
  CHECK(report_of(run).notes.back() == "no l2_hit_rate: no such counter on GB202");
}

TEST_CASE("every condition that differs from the baseline's is noted", "[judge_report]") {
  RunRecord run = good_run();
  run.gpu->uuid = "GPU-bbbb";
  run.gpu->driver = "580.1";
  run.gpu->cuda = "13.0";
  run.gpu->cublas = "13.1.0";
  run.clocks = ClockPolicy::lock;
  for (ProcessRecord& process : run.processes)
    process.conditions->sm_clock_hz = Spread{1.5e9, 1.5e9, 1.5e9};
  run.gpu->power_limit_w = 400;
  Baseline baseline = baseline_of(small_plan(), {ten, five});
  baseline.gpu.power_limit_w = 700;
  const Report report = make_report(run, baseline, strict_policy());
  CHECK(report.notes.size() == 6);
  const std::string notes = notes_of(report);
  CHECK_THAT(notes, ContainsSubstring("GPU-aaaa") && ContainsSubstring("GPU-bbbb"));
  CHECK_THAT(notes, ContainsSubstring("driver: 580.1 now, 570.86.15 in the baseline"));
  CHECK_THAT(notes, ContainsSubstring("CUDA: 13.0 now, 12.8 in the baseline"));
  CHECK_THAT(notes, ContainsSubstring("cuBLAS: 13.1.0 now"));
  CHECK_THAT(notes, ContainsSubstring("clock policy: lock now, observe in the baseline"));
  CHECK_THAT(notes, ContainsSubstring("power limit (W): 400 now, 700 in the baseline"));
}
