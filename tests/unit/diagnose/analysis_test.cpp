// SPDX-License-Identifier: Apache-2.0
// What a report adds to the verdict, computed from a run and its baseline.

#include "gate/report/make_report.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const std::vector<double> ten{10, 10.01, 9.99, 10.005}, slow{12, 12.01, 11.99, 12.005};

Report detailed(const RunRecord& run, const Baseline& baseline) {
  return make_report(run, baseline, strict_policy());
}

RunRecord run_with(const std::vector<double>& us, const std::string& code = "") {
  RunRecord run = run_of(small_plan({"o_proj"}), {us});
  for (ProcessRecord& process : run.processes)
    for (CaseKernels& kernels : process.kernels) kernels.launches[0].code = code;
  return run;
}

/// Adds the four counters that a split needs; only the clock differs, it is `clock`.
void add_counters(RunRecord& run, double clock) {
  for (const char* id : {"gpu_time", "instructions", "sm_clock"})
    run.plan.metrics.push_back(simple_metric(id, Unit::count));
  std::map<std::string, double>& values = run.processes.back().metrics[0].values;
  values["instructions"] = 1e6;
  values["sm_clock"] = clock;
  values["gpu_time"] = 1e6 / (values["ipc"] * 132 * clock);
}

const std::string code = "0123456789abcdef", other_code = "fedcba9876543210";

}  // namespace

TEST_CASE("base's and head's launches, and whether the code is the same", "[analysis]") {
  const Baseline baseline = make_baseline(run_with(ten, code));
  CHECK(detailed(run_with(slow, code), baseline).cases[0].code == CodeMatch::same);
  CHECK(detailed(run_with(slow, other_code), baseline).cases[0].code == CodeMatch::code);
  CHECK(detailed(run_with(slow), baseline).cases[0].code == CodeMatch::unknown);
  RunRecord run = run_with(slow, code);
  for (ProcessRecord& process : run.processes)
    for (CaseKernels& kernels : process.kernels) kernels.launches[0].grid = {264, 1, 1};
  const CaseReport one = detailed(run, baseline).cases[0];
  CHECK(one.code == CodeMatch::launch);
  CHECK(one.base_launches.at(0).grid[0] == 132);
  CHECK(one.launches.at(0).grid[0] == 264);
}

TEST_CASE("a layer's code is that of its stages", "[analysis]") {
  const Plan plan = small_plan({"o_proj", "layer"});
  const Baseline baseline = make_baseline(run_of(plan, {ten, ten}));
  // Most of its stages were not measured here, so it is unknown whether all are the same.
  CHECK(detailed(run_of(plan, {ten, ten}), baseline).cases[1].code == CodeMatch::unknown);
  RunRecord run = run_of(plan, {ten, ten});
  for (ProcessRecord& process : run.processes)
    for (CaseKernels& kernels : process.kernels) kernels.launches[0].name = "other";
  CHECK(detailed(run, baseline).cases[1].code == CodeMatch::kernels);
}

TEST_CASE("the sentence knows of a power cap in the process that counted", "[analysis]") {
  RunRecord before = run_with(ten, code), after = run_with(slow, code);
  add_counters(before, 1.8e9);
  add_counters(after, 1.5e9);
  CHECK_THAT(detailed(after, make_baseline(before)).cases[0].explanation,
             EndsWith("the machine, not the change") && !ContainsSubstring("power cap"));
  after.processes.back().conditions.emplace().events = 0x4;  // NVML: software power cap
  const Report report = detailed(after, make_baseline(before));
  CHECK(report.cases[0].cause == Cause::clock);
  CHECK_THAT(report.cases[0].explanation, ContainsSubstring("power cap"));
}

TEST_CASE("distributions: every process that counts", "[analysis]") {
  RunRecord run = run_with(slow);
  run.processes[1].timings[0].q1_s = 11e-6;
  const Report report = detailed(run, make_baseline(run_with(ten)));
  const Distribution& distribution = report.cases[0].distribution;
  CHECK(distribution.base_s.size() == 4);
  CHECK(distribution.head_s.size() == 4);
  REQUIRE(distribution.processes.size() == 4);
  CHECK(distribution.processes[1].q1_s == 11e-6);
  CHECK(distribution.rounds_head_s.empty());
  CHECK(report.processes.size() == 5);
  CHECK(report.processes[4].kind == ProcessKind::counters);
}

TEST_CASE("a process that died or does not count says why", "[analysis]") {
  RunRecord run = run_with(slow);
  run.processes[0] = {};
  run.processes[0].error = "killed by SIGSEGV";
  const Report report = detailed(run, make_baseline(run_with(ten)));
  CHECK(report.processes[0].problem == "killed by SIGSEGV");
  CHECK(report.processes[1].problem.empty());
}

TEST_CASE("roofs: HBM from the run's and the baseline's own sentinels", "[analysis]") {
  RunRecord before = run_with(ten);
  for (ProcessRecord& process : before.processes)
    if (process.sentinels) process.sentinels->read_bytes_per_s = 3e12;
  const CaseReport one = detailed(run_with(slow), make_baseline(before)).cases[0];
  CHECK(one.roofline.value().hbm_roof == 4e12);
  CHECK(one.base_roofline.value().hbm_roof == 3e12);
}
