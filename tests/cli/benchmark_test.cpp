// SPDX-License-Identifier: Apache-2.0
// A program that times itself (`import` of a [[program]], --import of a command) is gated by what
// it writes, with a scripted benchmark in place of an nvbench program.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "gate/record/record.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

namespace fs = std::filesystem;
using namespace perfgate;

namespace {

/// The words of the command behind the benchmark, each with a comma before it.
void add_benchmark(const Bench& bench, const std::string& command,
                   const std::string& keys = "import = \"nvbench\"") {
  bench.change_policy(
      "[replay]",
      fmt::format("[[program]]\nname = \"bench\"\ncommand = [{}]\n{}\n\n[replay]", command, keys));
}

/// A script beside the config, so that what the benchmark does can be changed, in a folder each.
void behave_in(const fs::path& folder, const std::string& behaviours) {
  fs::create_directories(folder);
  write_file(folder / "run.sh",
             fmt::format("exec {} injected {} \"$@\"\n", Bench::benchmark(), behaviours));
}

RunRecord record_of_gate(const Bench& bench) {
  return read_record(read_file(bench.root() / "run.json"), "run.json");
}

std::ptrdiff_t timing_starts(const RunRecord& run, Side side, bool rounds) {
  return std::count_if(run.processes.begin(), run.processes.end(), [&](const auto& process) {
    return process.side == side && process.kind == ProcessKind::timing &&
           (process.round > 0) == rounds;
  });
}

const std::vector<std::string> gate_bench{"--program", "bench", "-o", "run.json"};

}  // namespace

TEST_CASE("a program is gated by its own nvbench file", "[benchmark]") {
  const Bench bench;
  add_benchmark(bench, "\"sh\", \"run.sh\"");
  behave_in(bench.root(), "");
  const Outcome refreshed = bench.perfgate({"baseline", "refresh", "--program", "bench"});
  INFO(refreshed.err);
  REQUIRE(refreshed.code == 0);
  const Outcome same = bench.perfgate(gate_bench);
  INFO(same.err);
  CHECK(same.code == 0);
  CHECK(same.last_line().starts_with("perfgate: PASS: 3 passed"));
  RunRecord run = record_of_gate(bench);
  CHECK(case_ids(run.plan) ==
        std::vector<std::string>{"bench/copy/N=16", "bench/copy/N=17", "bench/reduce/time"});
  // The sentinels by the runner, then three starts, each under its own conditions; the first look
  // is no evidence. No counters are taken of what times itself.
  REQUIRE(run.processes.size() == 4);
  CHECK(run.processes[0].kind == ProcessKind::sentinels);
  CHECK(timing_starts(run, Side::head, false) == 3);
  CHECK(std::all_of(run.processes.begin(), run.processes.end(),
                    [](const auto& process) { return process.conditions.has_value(); }));
  CHECK(run.processes[1].timings[0].samples_s.size() == 40);

  behave_in(bench.root(), "slow:1.03");
  const Outcome slow = bench.perfgate(gate_bench);
  CHECK(slow.code == 1);
  CHECK(slow.last_line().starts_with("perfgate: FAIL: 1 regressed, 2 passed"));
  CHECK_THAT(slow.flat(), ContainsSubstring("bench/copy/N=16"));
  run = record_of_gate(bench);
  // What looked slower was measured in more starts, and they kept that case alone.
  CHECK(timing_starts(run, Side::head, true) >= 4);
  CHECK(run.processes.back().timings.size() == 1);
  CHECK(bench.leftovers().empty());
}

TEST_CASE("a benchmark is judged beside its base build, in pairs", "[benchmark]") {
  const Bench bench;
  add_benchmark(bench, "\"sh\", \"run.sh\"");
  behave_in(bench.root(), "");
  behave_in(bench.root() / "base", "");
  REQUIRE(bench.perfgate({"baseline", "refresh", "--program", "bench"}).code == 0);
  const auto beside = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), gate_bench.begin(), gate_bench.end());
    return bench.perfgate(std::move(arguments));
  };
  const std::vector<std::string> folder{"--base-folder", "base"};

  SECTION("both are slower than the stored baseline, so the change is not to blame") {
    behave_in(bench.root(), "slow:1.05");
    behave_in(bench.root() / "base", "slow:1.05");
    const Outcome outcome = beside(folder);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.out, ContainsSubstring("drifted"));
    const RunRecord run = record_of_gate(bench);
    CHECK(timing_starts(run, Side::base, false) == timing_starts(run, Side::head, false));
    CHECK(run.order_seed);
  }
  SECTION("the head alone is slower") {
    behave_in(bench.root(), "slow:1.03");
    const Outcome outcome = beside(folder);
    CHECK(outcome.last_line().starts_with("perfgate: FAIL: 1 regressed, 2 passed"));
    CHECK_THAT(outcome.flat(), ContainsSubstring("against the base build"));
    CHECK(timing_starts(record_of_gate(bench), Side::base, true) ==
          timing_starts(record_of_gate(bench), Side::head, true));
  }
  SECTION("ab needs no stored baseline") {
    fs::remove_all(bench.root() / "baselines");
    const Outcome same = beside({"ab", "--base-folder", "base", "--head", bench.runner});
    INFO(same.err);
    CHECK(same.code == 0);
    behave_in(bench.root(), "slow:1.03");
    const Outcome slow = beside({"ab", "--base-command", "sh base/run.sh", "--head", bench.runner});
    INFO(slow.err);
    CHECK(slow.last_line().starts_with("perfgate: FAIL: 1 regressed, 2 passed"));
    CHECK_THAT(slow.flat(), ContainsSubstring("the base build sh base/run.sh"));
  }
  SECTION("a case that the head alone has has no base, one that the base alone has is no matter") {
    behave_in(bench.root(), "more");
    fs::remove_all(bench.root() / "baselines");
    CHECK_THAT(beside({"ab", "--base-folder", "base", "--head", bench.runner}).last_line(),
               ContainsSubstring("NO VERDICT: 3 passed, 1 missing"));
    behave_in(bench.root(), "");
    behave_in(bench.root() / "base", "more");
    CHECK_THAT(beside({"ab", "--base-folder", "base", "--head", bench.runner}).last_line(),
               ContainsSubstring("PASS: 3 passed"));
  }
  SECTION("a base build that measures in another way is not compared") {
    behave_in(bench.root() / "base", "means");
    const Outcome outcome = beside(folder);
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring("the base build: work of bench/copy") &&
                                ContainsSubstring("the mean that nvbench gives there"));
  }
  SECTION("a base build that fails is named") {
    behave_in(bench.root() / "base", "fails");
    const Outcome outcome = beside(folder);
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring("the base build: the benchmark exited with status 3: "
                                              "cudaErrorIllegalAddress"));
  }
}

TEST_CASE("a benchmark that wrote nothing usable is exit code 3 with one reason", "[benchmark]") {
  struct Row {
    const char *behaviour, *said;
  };
  const std::vector<Row> rows{
      {"fails", "the benchmark exited with status 3: cudaErrorIllegalAddress"},
      {"nothing", "exited with status 0 and wrote no nvbench file: a command"},
      {"empty", "status 0 and left its nvbench file empty"},
      {"half", "the benchmark wrote no usable result: nvbench file: not valid JSON"},
      {"other-gpu", "measured on a NVIDIA H100"},
  };
  for (const Row& row : rows) {
    const Bench bench;
    add_benchmark(bench, "\"sh\", \"run.sh\"");
    behave_in(bench.root(), row.behaviour);
    const Outcome outcome = bench.perfgate({"run", "--program", "bench", "-o", "run.json"});
    INFO(row.behaviour << ": " << outcome.err);
    CHECK(outcome.code == 3);
    std::string said = outcome.err;
    std::replace(said.begin(), said.end(), '\n', ' ');
    while (said.find("  ") != std::string::npos) said.erase(said.find("  "), 1);
    CHECK_THAT(said, ContainsSubstring(row.said));
    CHECK(bench.leftovers().empty());
    CHECK_FALSE(fs::exists(bench.root() / "run.json"));
  }
}

TEST_CASE("a case that the benchmark no longer measures is missing", "[benchmark]") {
  const Bench bench;
  add_benchmark(bench, "\"sh\", \"run.sh\"");
  behave_in(bench.root(), "");
  REQUIRE(bench.perfgate({"baseline", "refresh", "--program", "bench"}).code == 0);
  for (const char* behaviour : {"dropped", "skipped"}) {
    behave_in(bench.root(), behaviour);
    const Outcome outcome = bench.perfgate(gate_bench);
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.last_line(), ContainsSubstring("2 passed, 1 missing"));
  }
  behave_in(bench.root(), "means");
  const Outcome means = bench.perfgate(gate_bench);
  CHECK(means.code == 3);
  CHECK_THAT(means.flat(), ContainsSubstring("the mean that nvbench gives now"));
}

TEST_CASE("{file} stands where the command wants the path", "[benchmark]") {
  const Bench bench;
  add_benchmark(
      bench, fmt::format("\"sh\", \"-c\", \"{} --jsonbin '{{file}}'; true\"", Bench::benchmark()));
  const Outcome outcome = bench.perfgate({"run", "--program", "bench", "-o", "run.json"});
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  CHECK(record_of_gate(bench).plan.cases.size() == 3);
}

TEST_CASE("a google-benchmark program is gated too, and a command without a [[program]]",
          "[benchmark]") {
  const Bench bench;
  const auto run = [&](std::vector<std::string> arguments, const char* behaviour) {
    arguments.insert(arguments.end(),
                     {"--import", "google-benchmark", "--", Bench::benchmark(), behaviour});
    return bench.perfgate(arguments);
  };
  REQUIRE(run({"baseline", "refresh"}, "slow:1").code == 0);
  CHECK(run({}, "slow:1").last_line().starts_with("perfgate: PASS: 3 passed"));
  const Outcome slow = run({}, "slow:1.03");
  CHECK(slow.code == 1);
  CHECK_THAT(slow.flat(), ContainsSubstring("program/copy/16/manual_time"));
}

TEST_CASE("what means nothing to a benchmark is refused by name", "[benchmark]") {
  const auto config = [](const std::string& keys) {
    const Bench bench;
    add_benchmark(bench, "\"./bench\"", keys);
    return bench.perfgate({"--program", "bench"});
  };
  const Outcome ranges = config("import = \"nvbench\"\nranges = [\"a/\"]");
  CHECK(ranges.code == 2);
  CHECK_THAT(ranges.err, ContainsSubstring("ranges: means nothing beside `import`"));
  const Outcome typo = config("import = \"nvbenc\"");
  CHECK(typo.code == 2);
  CHECK_THAT(typo.err, ContainsSubstring("did you mean 'nvbench'?"));
  const Bench bench;
  const auto refused = [&](const std::vector<std::string>& arguments, const char* said) {
    const Outcome outcome = bench.perfgate(arguments);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring(said));
  };
  refused({"--import", "nvbench"}, "--import is for a command");
  refused({"--import", "nvbench", "--nvtx-include", "a/", "--", "./bench"}, "leave --nvtx-include");
  refused({"--import", "ncu", "--", "./bench"}, "known: nvbench, google-benchmark");
  refused({"--import", "nvbench", "--library", "x.so", "--", "./bench"}, "nothing is loaded into");
}
