// SPDX-License-Identifier: Apache-2.0
#include "gate/run/run_view.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

TEST_CASE("a case is seen over all processes", "[run_view]") {
  RunRecord run = run_of(small_plan(), {{10, 11, 12}, {5, -1, 7}});
  const CaseView o_proj = view_case(run, case_of("o_proj"));
  REQUIRE(o_proj.durations_s.size() == 3);
  CHECK(o_proj.durations_s[1] == 11e-6);
  CHECK(o_proj.metrics.at("hbm_throughput") == 0.875);
  CHECK_FALSE(o_proj.kernels_changed);
  CHECK_FALSE(o_proj.failed_check);
  CHECK(view_case(run, case_of("silu_mul")).durations_s.size() == 2);
  CHECK(view_case(run, case_of("rotary")).durations_s.empty());
}

TEST_CASE("a build is checked once, and never taken for another", "[run_view]") {
  RunRecord run = run_of(small_plan({"o_proj", "layer"}), {{10, 11}, {50, 51}});
  for (ProcessRecord& process : run.processes) process.checks.clear();
  CHECK_FALSE(all_checked(run, run.plan, Side::head));
  CaseCheck check{case_of("o_proj"), 1e-4, 2e-3, 100, true};
  run.processes[0].checks = {check};
  CHECK(all_checked(run, run.plan, Side::head));
  CHECK_FALSE(all_checked(run, run.plan, Side::base));
  CHECK_FALSE(all_checked(run, small_plan({"o_proj", "silu_mul"}), Side::head));
  check.passed = false;
  run.processes[1].checks = {check};
  CHECK_FALSE(all_checked(run, run.plan, Side::head));
}

TEST_CASE("metrics are the median over counter processes", "[run_view]") {
  RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
  for (const double ipc : {0.75, 9.0}) {
    run.processes.push_back(run.processes[2]);
    run.processes.back().metrics[0].values["ipc"] = ipc;
  }
  // It is the median of 0.25, 0.75 and 9.
  CHECK(view_case(run, case_of("o_proj")).metrics.at("ipc") == 0.75);
}

TEST_CASE("other kernels in any process are seen", "[run_view]") {
  RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
  run.processes[1].kernels[0].launches[0].grid[0] = 133;
  CHECK(view_case(run, case_of("o_proj")).kernels_changed);
  CHECK_FALSE(view_case(run, case_of("silu_mul")).kernels_changed);
  run = run_of(small_plan(), {{10, 11}, {5, 6}});
  run.processes[1].kernels[0].launches.clear();
  CHECK(view_case(run, case_of("o_proj")).kernels_changed);
}

TEST_CASE("the code is taken from any process that knows it", "[run_view]") {
  const auto codes = [](const std::vector<std::string>& of_processes) {
    RunRecord run = run_of(small_plan(), {{10, 11, 12}, {5, 6, 7}});
    for (std::size_t i = 0; i < of_processes.size(); ++i)
      run.processes[i].kernels[0].launches[0].code = of_processes[i];
    return view_case(run, case_of("o_proj"));
  };
  const std::string a = "0123456789abcdef", b = "0123456789abcdee";
  for (const auto& known : {std::vector{a, a, a}, {a, "", a}, {"", a, ""}}) {
    CHECK_FALSE(codes(known).kernels_changed);
    CHECK(codes(known).kernels[0].code == a);
  }
  CHECK(codes({"", "", ""}).kernels[0].code == "");
  CHECK(codes({a, b, a}).kernels_changed);
  CHECK(codes({"", a, b}).kernels_changed);
}

TEST_CASE("one failed check among good ones is seen", "[run_view]") {
  RunRecord run = run_of(small_plan(), {{10, 11, 12}, {5, 6, 7}});
  run.processes[1].checks[0].passed = false;
  CHECK(view_case(run, case_of("o_proj")).failed_check == &run.processes[1].checks[0]);
}

TEST_CASE("the first failure and the first dead process are quoted", "[run_view]") {
  RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
  CHECK_FALSE(first_process_error(run));
  run.processes[0].failures = {{case_of("o_proj"), "first"}};
  run.processes[1].failures = {{case_of("o_proj"), "second"}};
  run.processes[1].error = "it died";
  CHECK(view_case(run, case_of("o_proj")).failure == "first");
  CHECK(first_process_error(run) == "timing process 2 of 3: it died");
}

TEST_CASE("sentinels are medians", "[run_view]") {
  RunRecord run = run_of(small_plan(), {{10, 11, 12}, {5, 6, 7}});
  run.processes[0].sentinels = Sentinels{1e12, 9e13};
  run.processes[1].sentinels = Sentinels{3e12, 5e13};
  run.processes[2].sentinels = Sentinels{2e12, 7e13};
  CHECK(median_sentinels(run)->read_bytes_per_s == 2e12);
  CHECK(median_sentinels(run)->fma_flops == 7e13);
  for (ProcessRecord& process : run.processes) process.sentinels.reset();
  CHECK_FALSE(median_sentinels(run));
}
