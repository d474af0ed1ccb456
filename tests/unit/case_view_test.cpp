#include "gate/case_view.h"

#include "catch.h"
#include "support.h"

using namespace perfgate;

TEST_CASE("a case is seen over all processes", "[case_view]") {
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

TEST_CASE("metrics are the median over counter processes", "[case_view]") {
  RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
  for (const double ipc : {0.75, 9.0}) {
    run.processes.push_back(run.processes[2]);
    run.processes.back().metrics[0].values["ipc"] = ipc;
  }
  CHECK(view_case(run, case_of("o_proj")).metrics.at("ipc") == 0.75);  // of 0.25, 0.75, 9
}

TEST_CASE("other kernels in any process are seen", "[case_view]") {
  RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
  run.processes[1].kernels[0].launches[0].grid[0] = 133;
  CHECK(view_case(run, case_of("o_proj")).kernels_changed);
  CHECK_FALSE(view_case(run, case_of("silu_mul")).kernels_changed);
  run = run_of(small_plan(), {{10, 11}, {5, 6}});
  run.processes[1].kernels[0].launches.clear();
  CHECK(view_case(run, case_of("o_proj")).kernels_changed);
}

TEST_CASE("one failed check among good ones is seen", "[case_view]") {
  RunRecord run = run_of(small_plan(), {{10, 11, 12}, {5, 6, 7}});
  run.processes[1].checks[0].passed = false;
  CHECK(view_case(run, case_of("o_proj")).failed_check == &run.processes[1].checks[0]);
}

TEST_CASE("the first failure and the first dead process are quoted", "[case_view]") {
  RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
  CHECK_FALSE(first_process_error(run));
  run.processes[0].failures = {{case_of("o_proj"), "first"}};
  run.processes[1].failures = {{case_of("o_proj"), "second"}};
  run.processes[1].error = "it died";
  CHECK(view_case(run, case_of("o_proj")).failure == "first");
  CHECK(first_process_error(run) == "timing process 2 of 3: it died");
}

TEST_CASE("sentinels are medians", "[case_view]") {
  RunRecord run = run_of(small_plan(), {{10, 11, 12}, {5, 6, 7}});
  run.processes[0].sentinels = Sentinels{1e12, 9e13};
  run.processes[1].sentinels = Sentinels{3e12, 5e13};
  run.processes[2].sentinels = Sentinels{2e12, 7e13};
  CHECK(median_sentinels(run)->read_bytes_per_s == 2e12);
  CHECK(median_sentinels(run)->fma_flops == 7e13);
  for (ProcessRecord& process : run.processes) process.sentinels.reset();
  CHECK_FALSE(median_sentinels(run));
}
