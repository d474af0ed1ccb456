// SPDX-License-Identifier: Apache-2.0
// `perfgate profile` and --program, with a scripted program in place of a CUDA program.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "gate/record/record.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Runs `perfgate profile OPTIONS -- fake-program BEHAVIOURS`.
Outcome profile(const Bench& bench, const std::vector<std::string>& behaviours,
                std::vector<std::string> options = {}) {
  std::vector<std::string> arguments{"profile", "--library", Bench::program()};
  if (std::find(options.begin(), options.end(), "--range") == options.end())
    arguments.insert(arguments.end(), {"--nvtx-include", "my_decode_*_5/"});
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {"--", Bench::program()});
  arguments.insert(arguments.end(), behaviours.begin(), behaviours.end());
  return bench.perfgate(arguments);
}

void add_program(const Bench& bench, const std::string& behaviours) {
  bench.change_policy("[replay]", fmt::format(R"([[program]]
name = "decode"
command = ["{}"{}]
ranges = ["my_decode_*_5/"]

[replay])",
                                              Bench::program(), behaviours));
}

}  // namespace

TEST_CASE("profile shows a range and its kernels without a baseline", "[profile]") {
  const Bench bench;
  const Outcome outcome = profile(bench, {}, {"-o", "run.json"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.flat(), ContainsSubstring("program/my_decode_{n}_5") &&
                                 ContainsSubstring("nvjet_tst_128x64") &&
                                 ContainsSubstring("45.0") && ContainsSubstring("132x1x1 of 256") &&
                                 ContainsSubstring("range"));
  const RunRecord run = read_record(read_file(bench.root() / "run.json"), "run.json");
  REQUIRE(run.plan.cases.size() == 4);
  CHECK(run.plan.cases[1].id == "program/my_decode_{n}_5/nvjet_tst_128x64");
  CHECK(run.plan.cases[3].part == "range");
  CHECK(run.plan.cases[3].whole_of.size() == 3);
  // Sentinels, counters, three timing processes; the first look is no evidence.
  REQUIRE(run.processes.size() == 5);
  CHECK(run.processes[1].metrics.size() == 4);
  CHECK(run.processes[2].timings.size() == 4);
  CHECK(run.gpu.has_value());
  CHECK(bench.leftovers().empty());
  CHECK(outcome.last_line().starts_with("perfgate: PROFILE: 4 measured (h200, "));
}

TEST_CASE("profile has what nsys and ncu show: kernel summary, timeline, roofline, bytes",
          "[profile]") {
  const Bench bench;
  const Outcome outcome = profile(bench, {},
                                  {"--html", "page.html", "--trace", "trace.json", "--junit",
                                   "junit.xml", "--markdown", "report.md"});
  CHECK(outcome.code == 0);
  const std::string text = outcome.out;
  // Each occurrence runs 2 + 45 + 12 us with gaps of 1 us; 40 of them are summarised.
  CHECK_THAT(text, ContainsSubstring("program/my_decode_{n}_5: launched one by one, 61.0") &&
                       ContainsSubstring("kernels of 40 occurrences") &&
                       ContainsSubstring("76.3  180") && ContainsSubstring("132x1x1 of 256x1x1"));
  CHECK_THAT(text, ContainsSubstring("one occurrence, of median length") &&
                       ContainsSubstring("roofline") && ContainsSubstring("HBM written MB"));
  const std::string page = read_file(bench.root() / "page.html");
  CHECK_THAT(page, ContainsSubstring("PROFILE: 4 measured") &&
                       ContainsSubstring("profile: measured, and compared with nothing") &&
                       ContainsSubstring("\"of\":\"40 occurrences\""));
  const std::string trace = read_file(bench.root() / "trace.json");
  CHECK_THAT(trace, ContainsSubstring("kernels, stream 7 (launched one by one)") &&
                        ContainsSubstring("nvjet_tst_64x64"));
  const std::string junit = read_file(bench.root() / "junit.xml");
  CHECK_THAT(junit, ContainsSubstring("tests=\"4\" failures=\"0\" errors=\"0\"") &&
                        ContainsSubstring("kernels of 40 occurrences"));
  CHECK_THAT(
      read_file(bench.root() / "report.md"),
      ContainsSubstring("**kernels of 40 occurrences**") && ContainsSubstring("| 76.3 | 180"));
  const Outcome markdown = profile(bench, {}, {"--format", "markdown", "--quiet"});
  CHECK_THAT(markdown.out, StartsWith("### perfgate&#58; PROFILE"));
  CHECK(profile(bench, {}, {"--list", "--html", "page.html"}).code == 2);
  CHECK(profile(bench, {}, {"--json", "result.json"}).code == 2);
}

TEST_CASE("a profile of which a case could not be measured is no success", "[profile]") {
  const Bench bench;
  const Outcome outcome = profile(bench, {"later-few"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.last_line(), ContainsSubstring("NO VERDICT: 4 missing"));
  CHECK_THAT(outcome.out, ContainsSubstring("not measured") &&
                              ContainsSubstring("occurred 8 times, 45 are needed (5 skipped)"));
}

TEST_CASE("two profiles are compared like any runs", "[profile]") {
  const Bench bench;
  profile(bench, {}, {"-o", "base.json", "--processes", "6"});
  profile(bench, {}, {"-o", "same.json", "--processes", "6"});
  profile(bench, {"slow:1.04"}, {"-o", "slow.json", "--processes", "6"});
  CHECK(bench.perfgate({"compare", "same.json", "--against", "base.json"}).code == 0);
  const Outcome outcome = bench.perfgate({"compare", "slow.json", "--against", "base.json"});
  CHECK(outcome.code == 1);
  CHECK(outcome.last_line() == "perfgate: FAIL: 2 regressed, 2 passed (h200)");
  CHECK_THAT(outcome.out, ContainsSubstring("program/my_decode_{n}_5/nvjet_tst_128x64"));
}

TEST_CASE("a program of the config is gated", "[profile]") {
  const Bench bench;
  add_program(bench, "");
  const Outcome refreshed =
      bench.perfgate({"baseline", "refresh", "--program", "decode", "--library", Bench::program()});
  CHECK(refreshed.code == 0);
  const std::vector<std::string> gate{"--program", "decode", "--library", Bench::program()};
  const Outcome same = bench.perfgate(gate);
  CHECK(same.code == 0);
  CHECK_THAT(same.last_line(), ContainsSubstring("PASS: 4 passed"));
  bench.change_policy(fmt::format("\"{}\"", Bench::program()),
                      fmt::format("\"{}\", \"slow:1.03\"", Bench::program()));
  const Outcome slow =
      bench.perfgate({"--program", "decode", "--library", Bench::program(), "-o", "slow.json"});
  CHECK(slow.code == 1);
  CHECK_THAT(slow.last_line(), ContainsSubstring("FAIL: 2 regressed, 2 passed"));
  // What is slower was counted again in one more start, with the counters that explain.
  const RunRecord run = read_record(read_file(bench.root() / "slow.json"), "slow.json");
  const ProcessRecord& last = run.processes.back();
  CHECK(last.kind == ProcessKind::counters);
  CHECK(last.round == 1);
  CHECK(last.metrics.size() == 2);
  CHECK(last.metrics.at(0).values.size() > 40);
}

TEST_CASE("without the injection library nothing is measured, and it is named", "[profile]") {
  const Bench bench;
  // A build with CUDA puts it there.
  if (std::filesystem::exists(bench.perfgate_folder() / "libperfgate-inject.so")) return;
  const Outcome outcome = bench.perfgate({"profile", "--range", "all", "--", Bench::program()});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("there is no libperfgate-inject.so beside perfgate") &&
                              ContainsSubstring("perfgate-cuda"));
}

TEST_CASE("a command is gated without a [[program]]", "[profile]") {
  const Bench bench;
  const auto gate = [&](std::vector<std::string> arguments, const char* speed) {
    arguments.insert(arguments.end(), {"--library", Bench::program(), "--nvtx-include",
                                       "my_decode_*_5/", "--", Bench::program(), speed});
    return bench.perfgate(arguments);
  };
  CHECK(gate({"baseline", "refresh"}, "slow:1").code == 0);
  CHECK_THAT(gate({}, "slow:1").last_line(), ContainsSubstring("PASS: 4 passed"));
  const Outcome slow = gate({"check"}, "slow:1.03");
  CHECK(slow.code == 1);
  CHECK_THAT(slow.out, ContainsSubstring("program/my_decode_{n}_5/nvjet_tst_128x64"));
  // A name makes it another program.
  CHECK_THAT(gate({"--program", "other"}, "slow:1").last_line(), ContainsSubstring("4 missing"));
  const Outcome stray = bench.perfgate({"check", "x"});
  CHECK(stray.code == 2);
  CHECK_THAT(stray.err, ContainsSubstring("unknown argument 'x'"));
  const Outcome nothing = bench.perfgate({"--nvtx-include", "a/"});
  CHECK(nothing.code == 2);
  CHECK_THAT(nothing.err, ContainsSubstring("--nvtx-include is for a command"));
}

TEST_CASE("a range that launches one more kernel is judged as a whole", "[profile]") {
  const Bench bench;
  profile(bench, {}, {"-o", "base.json", "--processes", "6"});
  profile(bench, {"more"}, {"-o", "more.json", "--processes", "6"});
  const Outcome more = bench.perfgate({"compare", "more.json", "--against", "base.json"});
  // 3 us more in 59 us. None of its kernels has a partner, and none of the baseline's is missed.
  CHECK(more.code == 1);
  CHECK(more.last_line() == "perfgate: FAIL: 1 regressed, 0 passed, 4 new (h200)");
  const Outcome fewer = bench.perfgate({"compare", "base.json", "--against", "more.json"});
  CHECK(fewer.code == 0);
  CHECK_THAT(fewer.last_line(), ContainsSubstring("3 new"));
}

TEST_CASE("a run of the suite owes no case of a program, and a program's run none of the suite",
          "[profile]") {
  const Bench bench;
  add_program(bench, "");
  bench.make_baseline();
  const std::vector<std::string> library{"--library", Bench::program()};
  const Outcome refreshed =
      bench.perfgate({"baseline", "refresh", "--program", "decode", library[0], library[1]});
  INFO(refreshed.err);
  CHECK(refreshed.code == 0);
  CHECK_THAT(bench.perfgate({}).last_line(), ContainsSubstring("PASS: 11 passed"));
  CHECK_THAT(bench.perfgate({"--program", "decode", library[0], library[1]}).last_line(),
             ContainsSubstring("PASS: 4 passed"));
  CHECK(bench.perfgate({"baseline", "lint"}).code == 0);
}

TEST_CASE("profile says why there is nothing to judge", "[profile]") {
  struct Row {
    std::vector<std::string> behaviours, options;
    const char* said;
  };
  const std::vector<Row> rows{
      {{"no-cuda"}, {}, "initialised CUDA or called NVTX"},
      {{"no-nvtx"}, {}, "nothing called NVTX: use --range profiler-api"},
      {{"unmatched"}, {}, "my_decode_0_6/"},
      {{"start-end"}, {}, "start/end"},
      {{"threads"}, {}, "--nvtx-push-pop-scope process"},
      {{"forked"}, {}, "VLLM_WORKER_MULTIPROC_METHOD=spawn"},
      {{"failure"}, {}, "CUPTI dropped 12 records"},
      {{"holes"}, {}, "CUPTI dropped 3 records"},
      {{"crash"}, {}, "killed by SIGSEGV: Killed"},
      {{"crash"}, {}, "had begun 'my_decode_11_5', its range number 12"},
      {{"garbage"}, {}, "not valid JSON"},
  };
  for (const Row& row : rows) {
    const Bench bench;
    const Outcome outcome = profile(bench, row.behaviours, row.options);
    INFO(row.behaviours.front() << ": " << outcome.err);
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring(row.said));
    CHECK(bench.leftovers().empty());
  }
}

TEST_CASE("a range that was not seen often enough fails its cases", "[profile]") {
  const Bench bench;
  const Outcome outcome = profile(bench, {"few"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.out + outcome.err,
             ContainsSubstring("occurred 8 times, 45 are needed (5 skipped)"));
}

TEST_CASE("a program that goes on is ended once everything was seen", "[profile]") {
  const Bench bench;
  const Outcome outcome = profile(bench, {"hang"}, {"--no-counters", "--processes", "2"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, !ContainsSubstring("SIGTERM"));
}

TEST_CASE("a range of graphs or overlapping kernels is judged as a whole", "[profile]") {
  for (const char* behaviour : {"graph", "overlap"}) {
    const Bench bench;
    const Outcome outcome = profile(bench, {behaviour}, {"-o", "run.json"});
    CHECK(outcome.code == 0);
    const RunRecord run = read_record(read_file(bench.root() / "run.json"), "run.json");
    REQUIRE(run.plan.cases.size() == 1);
    CHECK(run.plan.cases[0].part == "range");
    CHECK(run.processes[1].metrics.size() == 1);
  }
}

TEST_CASE("kernels that wait for later ones are counted with their range", "[profile]") {
  const Bench bench;
  const Outcome outcome = profile(bench, {"stuck"}, {"-o", "run.json"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, ContainsSubstring("spin_kernel") && ContainsSubstring("as wholes"));
  const RunRecord run = read_record(read_file(bench.root() / "run.json"), "run.json");
  CHECK(run.processes[1].metrics.size() == 1);
}

TEST_CASE("counters that the machine refuses are not asked for in another way", "[profile]") {
  const Bench bench;
  const Outcome outcome = bench.perfgate(
      {"profile", "--library", Bench::program(), "--nvtx-include", "my_decode_*_5/", "--processes",
       "2", "--", "sh", "-c", fmt::format("echo >>starts; exec {} refused", Bench::program())});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.flat(), ContainsSubstring("NVreg_RestrictProfilingToAdminUsers=0") &&
                                 ContainsSubstring("judged by durations alone") &&
                                 !ContainsSubstring("as wholes"));
  // The first look, one for the counters, two for the times.
  CHECK(read_file(bench.root() / "starts") == "\n\n\n\n");
}

TEST_CASE("kernels are ranges of their own", "[profile]") {
  const Bench bench;
  const Outcome outcome =
      profile(bench, {},
              {"--range", "kernel", "-k", "regex:nvjet", "-o", "run.json", "--occurrences", "20"});
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  const RunRecord run = read_record(read_file(bench.root() / "run.json"), "run.json");
  REQUIRE(run.plan.cases.size() == 2);
  CHECK(run.plan.cases[0].id == "program/nvjet_tst_128x64/range");
}

TEST_CASE("profile refuses what it can't measure", "[profile]") {
  const Bench bench;
  const auto refused = [&](std::vector<std::string> arguments, const char* said) {
    arguments.insert(arguments.begin(), {"profile", "--library", Bench::program()});
    const Outcome outcome = bench.perfgate(arguments);
    INFO(outcome.err);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring(said));
  };
  refused({"--", "true"}, "ranges: is empty");
  refused({"--nvtx-include", "a/"}, "command: is empty");
  refused({"--nvtx-include", "a/[", "--", "true"}, "a/[");
  refused({"--range", "nvxt", "--", "true"}, "did you mean 'nvtx'");
  refused({"--range", "kernel", "--", "true"}, "kernels: is empty");
  refused({"--nvtx-include", "a/", "--skip", "-1", "--", "true"}, "--skip '-1'");
}

TEST_CASE("a program of several ranks sees as many GPUs as it wants, the chosen one first",
          "[profile]") {
  Bench bench;
  bench.env["FAKE_NVML_GPUS"] =
      "NVIDIA L4|GPU-cccc;NVIDIA H200|GPU-aaaa;NVIDIA H200|GPU-bbbb;NVIDIA H200|GPU-dddd";
  const auto profiled = [&](const char* gpus) {
    return bench.perfgate(
        {"profile", "--library", Bench::program(), "--nvtx-include", "my_decode_*_5/", "--list",
         "--gpu", "h200", "--gpus", gpus, "--", "sh", "-c",
         fmt::format("echo \"$CUDA_VISIBLE_DEVICES\" >seen; exec {}", Bench::program())});
  };
  CHECK(profiled("2").code == 0);
  CHECK(read_file(bench.root() / "seen") == "GPU-aaaa,GPU-bbbb\n");
  CHECK(profiled("1").code == 0);
  CHECK(read_file(bench.root() / "seen") == "GPU-aaaa\n");
  const Outcome more = profiled("4");
  CHECK(more.code == 3);
  CHECK_THAT(more.err,
             ContainsSubstring("wants 4 GPUs of the model NVIDIA H200, and 3 are usable here"));
  CHECK(profiled("0").code == 2);
}

TEST_CASE("another tool's injection is not replaced", "[profile]") {
  Bench bench;
  bench.env["CUDA_INJECTION64_PATH"] = "/opt/nsys/libinject.so";
  const Outcome outcome = profile(bench, {});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("CUDA_INJECTION64_PATH is already set"));
}
