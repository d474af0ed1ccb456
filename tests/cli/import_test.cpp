// SPDX-License-Identifier: Apache-2.0
// `perfgate import`: another tool's files as a run, which is judged like any other.
#include <fmt/format.h>

#include "gate/record/record.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/nvbench_file.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Samples around `us` whose mean differs from process to process by about 0.1 %.
std::vector<float> samples(double us, int process) {
  std::vector<float> out;
  for (int i = 0; i < 40; ++i)
    out.push_back(
        static_cast<float>(us * 1e-6 * (1 + 0.0004 * (process % 5 - 2) + 0.001 * (i % 7))));
  return out;
}

/// Writes `count` files named PREFIX0.json, ... and imports them as PREFIX.json; the case copy/N=16
/// is slower by `slower`. `hour` is how much slower all is: no two hours measure the same.
Outcome import_files(const Bench& bench, const std::string& prefix, int count, double slower = 0,
                     bool reduce = true, double hour = 1) {
  std::vector<std::string> arguments{"import"};
  for (int i = 0; i < count; ++i) {
    const std::string name = fmt::format("{}{}.json", prefix, i);
    std::vector<NvbenchBenchmark> benchmarks{{"copy",
                                              {{"16", samples(50 * hour * (1 + slower), i), ""},
                                               {"17", samples(90 * hour, i + 1), ""}}}};
    if (reduce) benchmarks.push_back({"reduce", {{"", samples(30 * hour, i + 2), ""}}});
    write_nvbench(bench.root() / name, benchmarks);
    arguments.push_back(name);
  }
  arguments.insert(arguments.end(), {"--from", "nvbench", "-o", prefix + ".json"});
  return bench.perfgate(arguments);
}

/// A baseline of three sessions of four processes.
void make_imported_baseline(const Bench& bench) {
  std::vector<std::string> refresh{"baseline", "refresh"};
  for (const auto& [session, hour] : {std::pair{"s", 1.0}, {"t", 1.0002}, {"u", 0.9998}}) {
    REQUIRE(import_files(bench, session, 4, 0, true, hour).code == 0);
    refresh.insert(refresh.end(), {"--replay", std::string(session) + ".json"});
  }
  const Outcome outcome = bench.perfgate(refresh);
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
}

}  // namespace

TEST_CASE("import, baseline, compare: +2 % is exit 1 naming the case, unchanged 0", "[import]") {
  const Bench bench;
  make_imported_baseline(bench);
  REQUIRE(import_files(bench, "same", 5).code == 0);
  const Outcome same = bench.perfgate({"compare", "same.json"});
  CHECK(same.code == 0);
  CHECK(same.last_line() == "perfgate: PASS: 3 passed (h200)");
  REQUIRE(import_files(bench, "slow", 5, 0.025).code == 0);
  const Outcome slow = bench.perfgate({"compare", "slow.json", "--json", "result.json"});
  INFO(slow.out);
  CHECK(slow.code == 1);
  CHECK(slow.last_line() == "perfgate: FAIL: 1 regressed, 2 passed (h200)");
  CHECK_THAT(slow.flat(), ContainsSubstring("regressed") && ContainsSubstring("copy/N=16"));
  const Outcome merged = bench.perfgate({"merge", "result.json", "--markdown", "-"});
  CHECK(merged.code == 1);
  CHECK_THAT(merged.out, ContainsSubstring("copy/N=16"));
}

TEST_CASE("two imports are compared without a baseline", "[import]") {
  const Bench bench;
  REQUIRE(import_files(bench, "base", 5).code == 0);
  REQUIRE(import_files(bench, "head", 5, 0.05).code == 0);
  CHECK(bench.perfgate({"compare", "head.json", "--against", "base.json"}).code == 1);
  CHECK(bench.perfgate({"compare", "base.json", "--against", "base.json"}).code == 0);
}

TEST_CASE("a case that the import lacks is missing", "[import]") {
  const Bench bench;
  make_imported_baseline(bench);
  REQUIRE(import_files(bench, "less", 5, 0, false).code == 0);
  const Outcome outcome = bench.perfgate({"compare", "less.json"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.flat(), ContainsSubstring("missing") && ContainsSubstring("reduce/time"));
}

TEST_CASE("import says what it made, and how many files a verdict needs", "[import]") {
  const Bench bench;
  const Outcome outcome = import_files(bench, "one", 1);
  CHECK(outcome.code == 0);
  CHECK(outcome.last_line() ==
        "perfgate: 3 cases in 1 process of nvbench (h200) written to one.json");
  CHECK_THAT(outcome.err, ContainsSubstring("one file is one process"));
  const RunRecord run = read_record(read_file(bench.root() / "one.json"), "one.json");
  CHECK(run.plan.sources.front().id == "import nvbench");
  CHECK(run.processes.front().timings.front().samples_s.size() == 40);
  const Outcome compared = bench.perfgate({"compare", "one.json", "--against", "one.json"});
  CHECK(compared.code == 3);
  CHECK_THAT(compared.flat(), ContainsSubstring("two are needed"));
}

TEST_CASE("numbers of another kind are not compared", "[import]") {
  const Bench bench;
  REQUIRE(import_files(bench, "base", 3).code == 0);
  std::vector<std::string> arguments{"import"};
  for (int i = 0; i < 3; ++i) {
    const std::string name = fmt::format("plain{}.json", i);
    write_file(bench.root() / name,
               nvbench_json({{"copy", {{"16", samples(50, i), ""}}}}, name, false));
    arguments.push_back(name);
  }
  arguments.insert(arguments.end(), {"--from", "nvbench", "-o", "plain.json"});
  REQUIRE(bench.perfgate(arguments).code == 0);
  const Outcome outcome = bench.perfgate({"compare", "plain.json", "--against", "base.json"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.flat(),
             ContainsSubstring("the mean that nvbench gives now") &&
                 ContainsSubstring("interquartile mean of the samples in the baseline"));
}

TEST_CASE("google-benchmark does not say which GPU it ran on", "[import]") {
  const Bench bench;
  const std::string text = source_file("tests/exchange/google-benchmark.json");
  write_file(bench.root() / "g.json", text);
  write_file(bench.root() / "h.json", replaced(text, "1.9918920070815038e+00", "1.99e+00"));
  const std::vector<std::string> import{"import",           "g.json", "h.json",  "--from",
                                        "google-benchmark", "-o",     "run.json"};
  const Outcome without = bench.perfgate(import);
  CHECK(without.code == 2);
  CHECK_THAT(without.err, ContainsSubstring("g.json: it does not say which GPU was measured"));
  std::vector<std::string> with = import;
  with.insert(with.end(), {"--gpu", "h200"});
  const Outcome outcome = bench.perfgate(with);
  CHECK(outcome.code == 0);
  const RunRecord run = read_record(read_file(bench.root() / "run.json"), "run.json");
  CHECK(run.gpu_id == "h200");
  CHECK(run.gpu->name == "NVIDIA H200");
  CHECK_THAT(bench.perfgate({"compare", "run.json", "--against", "run.json"}).flat(),
             ContainsSubstring("no CUDA device"));
}

TEST_CASE("import refuses an unknown tool, another GPU and a foreign file", "[import]") {
  const Bench bench;
  CHECK_THAT(bench.perfgate({"import", "a.json", "--from", "nvbnch", "-o", "r.json"}).err,
             ContainsSubstring("--from: unknown 'nvbnch' (did you mean 'nvbench'?)"));
  CHECK(bench.perfgate({"import", "a.json", "-o", "r.json"}).code == 2);
  write_nvbench(bench.root() / "a.json", {{"copy", {{"", samples(50, 0), ""}}}});
  const Outcome other =
      bench.perfgate({"import", "a.json", "--from", "nvbench", "--gpu", "h100", "-o", "r.json"});
  CHECK(other.code == 3);
  CHECK_THAT(other.err, ContainsSubstring("--gpu h100: a.json was measured on NVIDIA H200"));
  // A name in the file leads no further than the folder beside it.
  write_file(bench.root() / "a.json",
             replaced(read_file(bench.root() / "a.json"), "a.json-bin/0.bin", "/etc/../passwd"));
  CHECK_THAT(bench.perfgate({"import", "a.json", "--from", "nvbench", "-o", "r.json"}).err,
             ContainsSubstring("its samples are missing"));
}
