// SPDX-License-Identifier: Apache-2.0
// The injection library itself, in a program on a GPU of arithmetic (fake_gpu.h): which launches
// belong to which range, how counters are taken, and what is said when something is in the way.
#include "tests/cuda/fake_gpu.h"
#include "tests/cuda/gpu_bench.h"
#include "tests/support/catch.h"

using namespace perfgate;

TEST_CASE("launches belong to the range that is open on their thread", "[program]") {
  const Bench bench = gpu_bench();
  const Outcome outcome =
      profile_on(bench, "nested", {"--nvtx-include", "outer_*/", "--nvtx-include", "inner/"});
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  // A launch is of the innermost range that a filter matches.
  const RunRecord run = record_of(bench);
  CHECK(range_of(run, "program/outer_{n}").kernels == Names{"norm_2"});
  CHECK(range_of(run, "program/inner").kernels == Names{"gemm_45", "add_3"});
  CHECK(range_of(run, "program/inner").us == Approx(48));
  // The counters of the outer one would hold the inner one's kernels.
  const std::vector<AbsentMetric>& absent = run.processes.at(1).absent;
  CHECK(run.processes.at(1).metrics.empty());
  REQUIRE(absent.size() == 2);
  CHECK(absent[0].metric == "counters of program/outer_{n}");
  CHECK(absent[1].metric == "counters of program/inner");
  CHECK_THAT(outcome.flat(), ContainsSubstring("no counters of program/inner: a start counts one"));
}

TEST_CASE("a range holds what is launched in ranges inside it", "[program]") {
  const Bench bench = gpu_bench();
  REQUIRE(profile_on(bench, "nested", {"--nvtx-include", "outer_*/"}).code == 0);
  const TimedRange outer = range_of(record_of(bench), "program/outer_{n}");
  CHECK(outer.kernels == Names{"norm_2", "gemm_45", "add_3"});
  CHECK(outer.us == Approx(50));
}

TEST_CASE(
    "start/end ranges are the process's, domains nest each by itself, wide and registered names",
    "[program]") {
  const Bench bench = gpu_bench();
  REQUIRE(profile_on(bench, "start-end", {"--nvtx-include", "request"}).code == 0);
  CHECK(range_of(record_of(bench), "program/request").kernels == Names{"norm_2", "gemm_45"});
  REQUIRE(profile_on(bench, "domains", {"--nvtx-include", "engine@step/"}).code == 0);
  CHECK(range_of(record_of(bench), "program/step").kernels == Names{"gemm_45", "add_3"});
  REQUIRE(profile_on(bench, "domains", {"--nvtx-include", "whole/"}).code == 0);
  CHECK(range_of(record_of(bench), "program/whole").kernels == Names{"norm_2", "gemm_45"});
}

TEST_CASE("a graph's kernels belong to the range around the launch, else to that of their capture",
          "[program]") {
  const Bench bench = gpu_bench();
  REQUIRE(profile_on(bench, "graph", {"--nvtx-include", "replay/", "--trace", "trace.json"}).code ==
          0);
  const RunRecord replay = record_of(bench);
  // It is timed as a whole; the first look saw its nodes.
  CHECK(range_of(replay, "program/replay").kernels == Names{"(CUDA graph)"});
  CHECK(range_of(replay, "program/replay").us == Approx(50));
  const auto& timelines = replay.processes.at(2).timelines;
  REQUIRE(timelines.size() == 1);
  REQUIRE(timelines[0].kernels.size() == 3);
  CHECK(timelines[0].launches.at(timelines[0].kernels[0].launch).name == "gemm_45");
  CHECK(timelines[0].kernels[0].stream == 7);
  CHECK(timelines[0].kernels[2].end_s == Approx(50e-6));
  REQUIRE(profile_on(bench, "replays", {"--nvtx-include", "body/"}).code == 0);
  const TimedRange body = range_of(record_of(bench), "program/body");
  CHECK(body.kernels == Names{"gemm_45", "norm_2"});
  CHECK(body.us == Approx(47));
  const Outcome counted = profile_on(bench, "replays", {"--nvtx-include", "body/"});
  CHECK(counted.code == 0);
  CHECK_THAT(counted.flat(),
             ContainsSubstring("no counters of program/body: its graph is launched outside of it"));
}

TEST_CASE("streams that overlap are one value, and the timeline tells them apart", "[program]") {
  const Bench bench = gpu_bench();
  REQUIRE(profile_on(bench, "streams", {"--nvtx-include", "step/"}).code == 0);
  const RunRecord run = record_of(bench);
  REQUIRE(run.plan.cases.size() == 1);
  CHECK(range_of(run, "program/step").us == Approx(45));
  const StepTimeline& timeline = run.processes.at(2).timelines.at(0);
  CHECK(timeline.kernels.at(0).stream == 7);
  CHECK(timeline.kernels.at(1).stream == 13);
}

TEST_CASE("the code of a kernel is known where no module contradicts it", "[program]") {
  // FNV-1a of "foobar" and "a", from its authors' list of test values.
  const std::string foobar = "85944171f73967e8", a = "af63dc4c8601ec8c";
  const Bench bench = gpu_bench();
  const auto codes = [&](const char* mode) {
    const Outcome outcome =
        profile_on(bench, mode, {"--nvtx-include", "outer_*/", "--no-counters"});
    INFO(outcome.out << outcome.err);
    CHECK(outcome.code == 0);
    return range_of(record_of(bench), "program/outer_{n}").codes;
  };
  CHECK(codes("modules") == Names{foobar, foobar, a});
  CHECK(codes("twin-modules") == Names{foobar, "", a});
  CHECK(codes("broken-module") == Names{"", "", ""});  // any function may be in it
  CHECK(codes("nested") == Names{"", "", ""});
}

TEST_CASE("programs without NVTX", "[program]") {
  const Bench bench = gpu_bench();
  REQUIRE(profile_on(bench, "without-nvtx", {"--range", "kernel", "-k", "regex:^gemm"}).code == 0);
  CHECK(range_of(record_of(bench), "program/gemm_45").us == Approx(45));
  REQUIRE(profile_on(bench, "profiler-api", {"--range", "profiler-api"}).code == 0);
  CHECK(range_of(record_of(bench), "program/profiler-api").kernels == Names{"gemm_45"});
}

TEST_CASE("each kernel is counted, the first one of the range without the start's dirty L2",
          "[program]") {
  const Bench bench = gpu_bench();
  REQUIRE(profile_on(bench, "nested", {"--nvtx-include", "outer_*/"}).code == 0);
  const RunRecord run = record_of(bench);
  const std::string group = "program/outer_{n}/";
  CHECK(metric_of(run, group + "norm_2", "hbm_write") == Approx(2 * bytes_per_us));
  CHECK(metric_of(run, group + "gemm_45", "hbm_write") == Approx(45 * bytes_per_us));
  CHECK(metric_of(run, group + "add_3", "gpu_time") == Approx(3e-6));
  CHECK(metric_of(run, group + "range", "hbm_write") == Approx(50 * bytes_per_us));
}

TEST_CASE("a range of graphs is counted as a whole", "[program]") {
  const Bench bench = gpu_bench();
  REQUIRE(profile_on(bench, "graph", {"--nvtx-include", "replay/"}).code == 0);
  CHECK(metric_of(record_of(bench), "program/replay/range", "gpu_time") == Approx(50e-6));
}

TEST_CASE("a kernel that waits for a later one is named by the watchdog, and its range is counted",
          "[program]") {
  const Bench bench = gpu_bench();
  const Outcome outcome = profile_on(bench, "spins", {"--nvtx-include", "step/"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.flat(), ContainsSubstring("spin_1 has not ended in 20 s while kernels are "
                                               "serialised: it waits for a later one"));
  CHECK_THAT(outcome.flat(), ContainsSubstring("the ranges were counted as wholes"));
  CHECK(metric_of(record_of(bench), "program/step/range", "gpu_time") == Approx(2e-6));
}

TEST_CASE("what is in the way is told, and never silently empty", "[program]") {
  struct Row {
    const char *misbehaviour, *mode;
    std::vector<std::string> options;
    int code;
    const char* said;
  };
  const std::vector<std::string> outer{"--nvtx-include", "outer_*/"};
  const std::vector<Row> rows{
      {"", "without-cuda", outer, 3, "no process of the command initialised CUDA"},
      {"", "without-nvtx", outer, 3, "nothing called NVTX: use --range profiler-api"},
      {"", "nested", {"--nvtx-include", "oter_*/"}, 3, "outer_"},
      {"", "nested", {"--nvtx-include", "outer_0"}, 3, "outer_0/"},
      {"", "other-thread", {"--nvtx-include", "step/"}, 3, "--nvtx-push-pop-scope process"},
      {"", "fork", outer, 3, "VLLM_WORKER_MULTIPROC_METHOD=spawn"},
      {"", "few", outer, 3, "occurred 10 times, 45 are needed (5 skipped)"},
      {"", "three", outer, 3, "after the first 5 occurrences, which are warm-up"},
      {"", "alternates", {"--nvtx-include", "outer/"}, 3, "inconsistent"},
      {"", "sometimes", {"--nvtx-include", "outer/"}, 0, "30 of 40 alike; judged on those"},
      {"", "killed", outer, 3, "killed by SIGKILL"},
      {"", "killed", outer, 3, "had begun 'outer_9', its range number 10"},
      {"", "terminated", outer, 3, "killed by SIGTERM"},
      {"", "aborts", outer, 3, "killed by SIGABRT"},
      {"busy", "nested", outer, 3, "another tool holds CUPTI in this process: CUPTI for nsys"},
      {"old", "nested", outer, 3, "CUPTI 130000 is older than 130001"},
      {"dropped", "nested", outer, 3, "CUPTI dropped 12 records: the trace is no evidence"},
      {"zero-times", "nested", outer, 3, "CUPTI has no valid times for"},
      {"loses", "nested", outer, 0, "1 of its launches left no record"},
      {"", "floods", outer, 0, "gemm_45"},
      {"", "spawn", outer, 0, "gemm_45"},
      {"",
       "other-thread",
       {"--nvtx-include", "step/", "--nvtx-push-pop-scope", "process"},
       0,
       "gemm_45"},
  };
  for (const Row& row : rows) {
    const Bench bench = gpu_bench(row.misbehaviour);
    const Outcome outcome = profile_on(bench, row.mode, row.options);
    INFO(row.misbehaviour << " " << row.mode << ":\n" << outcome.out << outcome.err);
    CHECK(outcome.code == row.code);
    CHECK_THAT(outcome.flat() + outcome.err, ContainsSubstring(row.said));
    CHECK(bench.leftovers().empty());
  }
}

TEST_CASE("a program that hangs is ended, and no CUPTI to be found is told", "[program]") {
  Bench bench = gpu_bench();
  bench.change_policy("timeout_s = 60", "timeout_s = 3");
  const Outcome hangs = profile_on(bench, "hangs", {"--nvtx-include", "outer_*/"});
  CHECK(hangs.code == 3);
  CHECK_THAT(hangs.err, ContainsSubstring("3 s"));
  CHECK(bench.leftovers().empty());
  bench.env["PERFGATE_CUPTI_FOLDER"] = "/nowhere";
  const Outcome none = profile_on(bench, "nested", {"--nvtx-include", "outer_*/"});
  CHECK(none.code == 3);
  CHECK_THAT(none.err, ContainsSubstring("CUPTI is in none of /nowhere/libcupti.so"));
}

TEST_CASE("durations are judged without counters where there are none, and why is said once",
          "[program]") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"no-rights", "NVreg_RestrictProfilingToAdminUsers=0"},
      {"monitored", "dcgmi profile --pause"},
      {"mig", "nvidia-smi -mig 0"},
      {"vgpu", "a virtual GPU whose type has no counters"},
      {"vgpu-rights", "the hypervisor forbids profiling on this virtual GPU"},
      {"vgpu-off", "it is a virtual GPU without profiling"},
      {"no-counters", "CUPTI_ERROR_OF_THE_FAKE 999"},
  };
  const auto gate = [](const Bench& bench, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--library", INJECTION_LIBRARY, "--nvtx-include", "outer_*/",
                                       "--", FAKE_CUDA_PROGRAM, "nested"});
    return bench.perfgate(arguments);
  };
  Bench bench = gpu_bench();
  REQUIRE(gate(bench, {"baseline", "refresh"}).code == 0);
  for (const auto& [misbehaviour, said] : rows) {
    bench.env["FAKE_GPU"] = misbehaviour;
    const Outcome outcome = gate(bench, {});
    const std::string text = outcome.flat();
    INFO(misbehaviour << ":\n" << text << outcome.err);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.last_line(), ContainsSubstring("PASS: 4 passed"));
    CHECK_THAT(text, ContainsSubstring("judged by durations alone") &&
                         !ContainsSubstring("counted as wholes"));
    const std::size_t at = text.find(said);
    REQUIRE(at != std::string::npos);
    CHECK(text.find(said, at + 1) == std::string::npos);
  }
}

TEST_CASE("counters that MPS withholds", "[program]") {
  Bench bench = gpu_bench("no-counters");
  write_file(bench.root() / "control", "");
  bench.env["CUDA_MPS_PIPE_DIRECTORY"] = bench.root().string();
  const Outcome outcome = profile_on(bench, "nested", {"--nvtx-include", "outer_*/"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.flat(), ContainsSubstring("nvidia-cuda-mps-control"));
  CHECK(range_of(record_of(bench), "program/outer_{n}").us == Approx(50));
}

TEST_CASE("kernels that other threads launch for a range have durations alone", "[program]") {
  const Bench bench = gpu_bench();
  const Outcome outcome = profile_on(
      bench, "other-thread", {"--nvtx-include", "step/", "--nvtx-push-pop-scope", "process"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.flat(),
             ContainsSubstring("other threads than the range's own launch its kernels"));
}

TEST_CASE("counters that found no occurrence for each pass", "[program]") {
  const Bench bench = gpu_bench("many-passes");
  const char* const said = "ended before its counters were complete";
  // A thread for each step has no second occurrence.
  const Outcome threads = profile_on(bench, "unpopped", {"--nvtx-include", "step/"});
  CHECK(threads.code == 0);
  CHECK_THAT(threads.flat(), ContainsSubstring(said));
  const Outcome few = profile_on(bench, "few", {"--nvtx-include", "inner/", "--occurrences", "4"});
  CHECK(few.code == 0);
  CHECK_THAT(few.flat(), ContainsSubstring(said) && ContainsSubstring("there are 20 passes"));
}

TEST_CASE("a command that clears the environment is told", "[program]") {
  const Bench bench = gpu_bench();
  const Outcome outcome =
      bench.perfgate({"profile", "--library", INJECTION_LIBRARY, "--nvtx-include", "outer_*/", "--",
                      "env", "-i", FAKE_CUDA_PROGRAM, "nested"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("or it cleared the environment: nothing was measured"));
}
