// SPDX-License-Identifier: Apache-2.0
// perfgate baseline refresh
#include "gate/baseline/baseline.h"
#include "gate/run/run_view.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"

using namespace perfgate;

TEST_CASE("a refreshed baseline is one that check passes against", "[baseline]") {
  Bench bench;
  const Outcome refresh = bench.perfgate({"baseline", "refresh"});
  CHECK(refresh.code == 0);
  CHECK_THAT(refresh.last_line(),
             StartsWith("perfgate: baseline of h200 with 11 cases in 1 session written to ") &&
                 EndsWith("baselines/h200.toml"));
  // 12 timing processes and the counters.
  CHECK(read_file(bench.root() / "runner-state").size() == 13);
  CHECK(bench.files(bench.root() / "baselines") == std::vector<std::string>{"h200.toml"});
  const Baseline baseline = read_baseline(read_file(bench.baseline()), "b");
  REQUIRE(baseline.cases.size() == 11);
  CHECK(baseline.cases[0].durations_s().size() == 12);
  CHECK(baseline.cases[0].metrics.contains("ipc"));
  CHECK(bench.perfgate({}).code == 0);
  bench.env["FAKE_RUNNER"] = "slow:*/layer:1.1";
  CHECK(bench.perfgate({}).code == 1);
}

TEST_CASE("a baseline carries its provenance", "[baseline]") {
  Bench bench;
  bench.env["GITHUB_SHA"] = "feedfacefeedfacefeedfacefeedfacefeedface";
  REQUIRE(bench.perfgate({"baseline", "refresh"}).code == 0);
  const Baseline baseline = read_baseline(read_file(bench.baseline()), "b");
  CHECK(baseline.commit == "feedfacefeedfacefeedfacefeedfacefeedface");
  CHECK(baseline.created.size() == 20);
  CHECK_FALSE(baseline.perfgate.empty());
  CHECK_THAT(baseline.command, StartsWith("perfgate baseline refresh"));
  CHECK(baseline.gpu.uuid == "GPU-aaaa");
  CHECK(baseline.gpu.driver == "570.86.15");
  CHECK(baseline.gpu.ecc == true);
  CHECK(baseline.sentinels());
}

TEST_CASE("a refresh says what it changes", "[baseline]") {
  Bench bench;
  bench.make_baseline("slow:*/o_proj:2");
  const Outcome outcome = bench.perfgate({"baseline", "refresh"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, ContainsSubstring("o_proj  22.79 -> 11.39 us (-50.0 %)"));
}

TEST_CASE("a refresh whose runner dies leaves the old baseline, byte for byte", "[baseline]") {
  for (const char* script : {"crash", "crash-after:4", "half"}) {
    Bench bench;
    bench.make_baseline("slow:*:2");
    const std::string before = read_file(bench.baseline());
    bench.env["FAKE_RUNNER"] = script;
    const Outcome outcome = bench.perfgate({"baseline", "refresh"});
    INFO(script);
    CHECK(outcome.code == 3);
    // The output gives the reason, not only the result.
    CHECK_THAT(outcome.err, ContainsSubstring("the runner w"));
    CHECK(read_file(bench.baseline()) == before);
    CHECK(bench.files(bench.root() / "baselines") == std::vector<std::string>{"h200.toml"});
  }
}

TEST_CASE("a refresh refuses a run with a bad case, and names it", "[baseline]") {
  // A saved run of twelve processes serves here: the same gate, without thirteen program starts.
  const Bench bench;
  bench.make_baseline("slow:*:2");
  const std::string before = read_file(bench.baseline());
  for (const auto& [script, reason] :
       {std::pair{"wrong:*/o_proj", "its output is wrong"},
        std::pair{"nan:*/o_proj", "its output is wrong"},
        std::pair{"fails:*/o_proj", "out of memory"},
        std::pair{"kernels:*/o_proj", "other kernels"},
        std::pair{"drops:*/o_proj", "0 processes measured it, two are needed"}}) {
    bench.save_run("run.json", script, 12);
    const Outcome outcome = bench.perfgate({"baseline", "refresh", "--replay", "run.json"});
    INFO(script);
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring("fp16/o_proj: ") && ContainsSubstring(reason) &&
                                ContainsSubstring("left as it is"));
    CHECK(read_file(bench.baseline()) == before);
  }
  bench.save_run("run.json", "", 11);
  CHECK(bench.perfgate({"baseline", "refresh", "--replay", "run.json"}).code == 3);
  bench.save_run("run.json", "", 12);
  CHECK(bench.perfgate({"baseline", "refresh", "--replay", "run.json"}).code == 0);
  CHECK(read_file(bench.baseline()) != before);
}

TEST_CASE("a refresh whose counters died is no baseline", "[baseline]") {
  Bench bench;
  bench.env["FAKE_RUNNER"] = "crash-counters";
  CHECK(bench.perfgate({"baseline", "refresh"}).code == 3);
  CHECK_FALSE(std::filesystem::exists(bench.baseline()));
}

TEST_CASE("an interrupted refresh leaves no half file", "[baseline]") {
  Bench bench;
  bench.make_baseline();
  const std::string before = read_file(bench.baseline());
  bench.env["FAKE_RUNNER"] = "interrupt";
  CHECK(bench.perfgate({"baseline", "refresh"}).code == 130);
  CHECK(read_file(bench.baseline()) == before);
  CHECK(bench.files(bench.root() / "baselines") == std::vector<std::string>{"h200.toml"});
}

TEST_CASE("a folder that can't be written to is an error", "[baseline]") {
  const Bench bench;
  write_file(bench.root() / "file", "x");
  const Outcome outcome = bench.perfgate({"baseline", "refresh", "--baseline", "file/h200.toml"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("file"));
}

TEST_CASE("a baseline of fewer processes is refused", "[baseline]") {
  const Bench bench;
  CHECK(bench.perfgate({"baseline", "refresh", "--processes", "5"}).code == 2);
  CHECK_FALSE(std::filesystem::exists(bench.root() / "runner-state"));
}

TEST_CASE("nothing of the environment stands in a baseline, a run or a report", "[baseline]") {
  Bench bench;
  bench.env["GITHUB_TOKEN"] = bench.env["MY_SECRET"] = "s3cr3t-value";
  Outcome outcome = bench.perfgate({"baseline", "refresh", "-o", "refresh.json"});
  CHECK(outcome.code == 0);
  std::string all = outcome.out + outcome.err;
  outcome = bench.perfgate({"-o", "run.json", "--json", "r.json", "--markdown", "r.md"});
  CHECK(outcome.code == 0);
  all += outcome.out + outcome.err;
  for (const char* file : {"refresh.json", "run.json", "r.json", "r.md", "baselines/h200.toml"})
    all += read_file(bench.root() / file);
  CHECK_THAT(all, !ContainsSubstring("s3cr3t-value"));
}

TEST_CASE("a refresh is of several sessions, and --add joins one more", "[baseline]") {
  Bench bench;
  const Outcome refresh =
      bench.perfgate({"baseline", "refresh", "--sessions", "3", "--no-raw", "-o", "sessions.json"});
  CHECK(refresh.code == 0);
  CHECK_THAT(refresh.last_line(), ContainsSubstring("with 11 cases in 3 sessions written"));
  // Each session has its counters and four timing processes, and its own record.
  CHECK(read_file(bench.root() / "runner-state").size() == 15);
  for (const char* file : {"sessions.json", "sessions.2.json", "sessions.3.json"})
    CHECK(timing_processes(read_record(read_file(bench.root() / file), file)) == 4);
  CHECK(bench.perfgate({}).code == 0);

  // Another board of the pool joins with a session of its own.
  bench.env["FAKE_NVML_GPUS"] = bench.env["FAKE_RUNNER_GPU"] = "NVIDIA H200|GPU-bbbb";
  CHECK(bench.perfgate({"baseline", "refresh", "--add"}).code == 0);
  const Baseline baseline = read_baseline(read_file(bench.baseline()), "b");
  REQUIRE(baseline.sessions.size() == 4);
  CHECK(baseline.sessions.at(1).board == "GPU-aaaa");
  CHECK(baseline.sessions.at(4).board == "GPU-bbbb");
  CHECK(baseline.cases[0].sessions_s.at(3).size() == 4);
  CHECK(baseline.cases[0].sessions_s.at(4).size() == 3);  // measure.processes
  const Outcome pool = bench.perfgate({});
  CHECK(pool.code == 0);
  CHECK_THAT(pool.out, !ContainsSubstring("another board"));

  // Other code is no session of the same code, and the file stays as it is.
  bench.change_baseline("registers = ", "registers = 1");
  const std::string before = read_file(bench.baseline());
  const Outcome other = bench.perfgate({"baseline", "refresh", "--add"});
  CHECK(other.code == 3);
  CHECK_THAT(other.err, ContainsSubstring("input_norm ran other kernels than in the file"));
  CHECK(read_file(bench.baseline()) == before);
}

TEST_CASE("recorded runs become sessions", "[baseline]") {
  Bench bench;
  for (const auto& [name, script] :
       {std::pair{"a.json", ""}, {"b.json", "slow:*:1.001"}, {"c.json", "slow:*:1.0005"}})
    bench.save_run(name, script, 4);
  const Outcome three = bench.perfgate(
      {"baseline", "refresh", "--replay", "a.json", "--replay", "b.json", "--replay", "c.json"});
  CHECK(three.code == 0);
  CHECK(read_baseline(read_file(bench.baseline()), "b").sessions.size() == 3);
  // Two of them are too few processes.
  const std::string before = read_file(bench.baseline());
  const Outcome two =
      bench.perfgate({"baseline", "refresh", "--replay", "a.json", "--replay", "b.json"});
  CHECK(two.code == 3);
  CHECK_THAT(two.err, ContainsSubstring("8 of 12 processes measured it"));
  CHECK(read_file(bench.baseline()) == before);
}

TEST_CASE("a recorded run is one session, however often it is given", "[baseline]") {
  const Bench bench;
  bench.save_run("a.json", "", 12);
  bench.save_run("b.json", "slow:*:1.001", 12);
  // A copy that left out its samples, and of fewer processes.
  RunRecord part = bench.measured("", 3);
  write_file(bench.root() / "part.json", write_record(part, RawSamples::leave_out));
  for (const char* again : {"a.json", "part.json"}) {
    const Outcome outcome = bench.perfgate(
        {"baseline", "refresh", "--replay", "a.json", "--replay", "b.json", "--replay", again});
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring(std::string("--replay ") + again +
                                              ": a process of it is in a.json, too"));
    CHECK_FALSE(std::filesystem::exists(bench.baseline()));
  }
  REQUIRE(bench.perfgate({"baseline", "refresh", "--replay", "a.json"}).code == 0);
  const std::string before = read_file(bench.baseline());
  const Outcome added = bench.perfgate({"baseline", "refresh", "--add", "--replay", "a.json"});
  CHECK(added.code == 3);
  CHECK_THAT(added.err,
             ContainsSubstring("is session 1 again, with the same durations in 11 cases"));
  CHECK(read_file(bench.baseline()) == before);
  CHECK(bench.perfgate({"baseline", "refresh", "--add", "--replay", "b.json"}).code == 0);
}

TEST_CASE("sessions of a file have one ECC, MIG and power limit", "[baseline]") {
  Bench bench;
  REQUIRE(bench.perfgate({"baseline", "refresh", "-o", "run.json", "--no-raw"}).code == 0);
  const std::string before = read_file(bench.baseline());
  struct Row {
    const char *variable, *value, *text;
  };
  for (const Row& row : {Row{"FAKE_NVML_ECC", "0", "ECC is off now, on in the file"},
                         Row{"FAKE_NVML_MIG", "1", "MIG mode is on now, off in the file"},
                         Row{"FAKE_NVML_POWER_LIMIT", "500000",
                             "the power limit is 500 W now, 700 W in the file"}}) {
    const auto runs = read_file(bench.root() / "runner-state").size();
    bench.env[row.variable] = row.value;
    const Outcome outcome = bench.perfgate({"baseline", "refresh", "--add"});
    INFO(row.variable << ": " << outcome.err);
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring(row.text));
    CHECK(read_file(bench.baseline()) == before);
    CHECK(read_file(bench.root() / "runner-state").size() == runs);  // before anything is measured
    bench.env.erase(row.variable);
  }
  // The same of recorded runs, which no GPU refuses early.
  RunRecord run = read_record(read_file(bench.root() / "run.json"), "run");
  for (ProcessRecord& process : run.processes) process.wall_s += 1;
  run.gpu->ecc = false;
  write_file(bench.root() / "other.json", write_record(run, RawSamples::leave_out));
  const Outcome joined =
      bench.perfgate({"baseline", "refresh", "--replay", "run.json", "--replay", "other.json"});
  CHECK(joined.code == 3);
  CHECK_THAT(joined.err, ContainsSubstring("session 2 does not fit the first: ECC is off now, on "
                                           "in the file"));
  const Outcome added = bench.perfgate({"baseline", "refresh", "--add", "--replay", "other.json"});
  CHECK(added.code == 3);
  CHECK_THAT(added.err, ContainsSubstring("ECC is off now, on in the file"));
  CHECK(read_file(bench.baseline()) == before);
}

TEST_CASE("--add needs a file, and takes all of its cases", "[baseline]") {
  Bench bench;
  const Outcome none = bench.perfgate({"baseline", "refresh", "--add"});
  CHECK(none.code == 2);
  CHECK_THAT(none.err, ContainsSubstring("--add: ") && ContainsSubstring("is not there"));
  bench.make_baseline();
  CHECK(bench.perfgate({"baseline", "refresh", "--add", "--only", "*/o_proj"}).code == 2);
  CHECK(bench.perfgate({"baseline", "refresh", "--add", "--accept", "x", "--why", "y"}).code == 2);
}
