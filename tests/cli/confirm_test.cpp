// SPDX-License-Identifier: Apache-2.0
// A case that looks slower is measured again, in fresh processes; against the base build when there
// is one.
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"

using namespace perfgate;

namespace {

/// Returns a runner of another build: the fake runner with a script of its own.
std::string build_of(const Bench& bench, const std::string& name, const std::string& script) {
  const auto file = bench.root() / name;
  write_file(file,
             "#!/bin/sh\nPERFGATE_FAKE_RUNNER='" + script + "' exec " + bench.runner + " \"$@\"\n");
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  return file.string();
}

/// The rounds of a saved run: how many there are, and of which side.
struct Rounds {
  int head = 0, base = 0, cases = 0;
};
Rounds rounds_in(const std::filesystem::path& file) {
  const RunRecord run = read_record(read_file(file), "run.json");
  Rounds rounds;
  for (const ProcessRecord& process : run.processes) {
    if (process.round == 0 || process.kind != ProcessKind::timing) continue;
    ++(process.side == Side::head ? rounds.head : rounds.base);
    rounds.cases = static_cast<int>(process.timings.size());
  }
  return rounds;
}

}  // namespace

TEST_CASE("an unchanged GPU needs no second look", "[confirm]") {
  Bench bench;
  bench.make_baseline();
  CHECK(bench.perfgate({"-o", "run.json"}).code == 0);
  CHECK(rounds_in(bench.root() / "run.json").head == 0);
}

TEST_CASE("a slow case is measured again, alone, and then regressed", "[confirm]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.05";
  const Outcome outcome = bench.perfgate({"-o", "run.json", "--json", "report.json"});
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.flat(), ContainsSubstring("6 fresh rounds against the stored baseline"));
  const Rounds rounds = rounds_in(bench.root() / "run.json");
  CHECK(rounds.head == 6);
  CHECK(rounds.base == 0);
  CHECK(rounds.cases == 1);
  CHECK_THAT(read_file(bench.root() / "report.json"), ContainsSubstring("\"rounds\": 6"));
  // The saved run is judged in the same way.
  const Outcome again = bench.perfgate({"compare", "run.json"});
  CHECK(again.code == 1);
  CHECK_THAT(again.flat(), ContainsSubstring("6 fresh rounds against the stored baseline"));
}

TEST_CASE("a fast case is measured again, alone, and then improved", "[confirm]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:0.9";
  const Outcome outcome = bench.perfgate({"-o", "run.json"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.last_line(), StartsWith("perfgate: PASS: 10 passed, 1 improved"));
  CHECK_THAT(outcome.flat(), ContainsSubstring("6 fresh rounds against the stored baseline"));
  const Rounds rounds = rounds_in(bench.root() / "run.json");
  CHECK(rounds.head == 6);
  CHECK(rounds.cases == 1);
}

TEST_CASE("a base build that is as slow acquits the head", "[confirm]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.05";
  const std::string base = build_of(bench, "base-runner", "slow:*/o_proj:1.05");
  const Outcome outcome =
      bench.perfgate({"--base-runner", base, "-o", "run.json", "--explain", o_proj});
  CHECK(outcome.code == 0);
  // The screen is of pairs with it, so there is nothing to measure again.
  CHECK_THAT(outcome.flat(), ContainsSubstring("drifted: slower than the stored baseline by more"));
  const Rounds rounds = rounds_in(bench.root() / "run.json");
  CHECK(rounds.head == 0);
  CHECK(rounds.base == 0);
}

TEST_CASE("a base build that is faster convicts the head", "[confirm]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.05";
  const Outcome outcome = bench.perfgate({"--base-runner", build_of(bench, "base-runner", "")});
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.flat(), ContainsSubstring("6 fresh rounds against the base build"));
}

TEST_CASE("what is proved slower is counted again, and the cause is found by the gate itself",
          "[confirm]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = "scattered:*/o_proj:1.3";
  const auto recounted = [&](const char* file) {
    const RunRecord run = read_record(read_file(bench.root() / file), file);
    std::map<Side, std::size_t> counted;
    for (const ProcessRecord& process : run.processes) {
      if (process.kind != ProcessKind::counters || process.round == 0) continue;
      CHECK(process.metrics.size() == 1);
      CHECK(process.metrics[0].case_id == o_proj);
      counted[process.side] = process.metrics[0].values.size();
    }
    return counted;
  };
  const Outcome outcome =
      bench.perfgate({"--base-runner", build_of(bench, "base-runner", ""), "-o", "run.json"});
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.out, ContainsSubstring("  worse coalescing\n"));
  // How much is measured depends on the order of the rounds, which is drawn anew: 29.9 or 30.0 %.
  CHECK_THAT(outcome.flat(),
             ContainsSubstring("L1 sectors a request 1.0 to 1.3 (+30.0 %): explains the +"));
  const auto both = recounted("run.json");
  CHECK(both.at(Side::head) > 40);
  CHECK(both.at(Side::base) == both.at(Side::head));
  // The saved run is explained alike.
  CHECK_THAT(bench.perfgate({"compare", "run.json"}).out,
             ContainsSubstring("  worse coalescing\n"));
  // Without a base build the head alone is counted again: the baseline has no such counters.
  CHECK(bench.perfgate({"-o", "alone.json"}).code == 1);
  const auto alone = recounted("alone.json");
  CHECK(alone.at(Side::head) > 40);
  CHECK_FALSE(alone.contains(Side::base));
}

TEST_CASE("a count that fails changes no verdict", "[confirm]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.05;crash-after:10";  // 4 of the screen, 6 rounds
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.last_line(), StartsWith("perfgate: FAIL: 1 regressed, 10 passed"));
  CHECK_THAT(outcome.flat(), ContainsSubstring("counters process 11 of 12: the runner "));
}

TEST_CASE("ab compares two builds without a baseline", "[confirm]") {
  Bench bench;
  const std::string good = build_of(bench, "good", ""),
                    bad = build_of(bench, "bad", "slow:*/attention:1.04");
  bench.runner.clear();
  const Outcome worse = bench.perfgate({"ab", "--base", good, "--head", bad, "-o", "ab.json"});
  CHECK(worse.code == 1);
  CHECK_THAT(worse.last_line(), StartsWith("perfgate: FAIL: 1 regressed, 10 passed"));
  const Rounds rounds = rounds_in(bench.root() / "ab.json");
  CHECK(rounds.head == 6);
  CHECK(rounds.base == 6);
  CHECK(bench.perfgate({"ab", "--base", good, "--head", good}).code == 0);
  // Nothing looked slower first, so there is nothing that was not confirmed, in any format.
  for (const char* format : {"text", "markdown", "json", "junit", "html"}) {
    INFO(format);
    std::vector<std::string> arguments{"ab", "--base", good, "--head", good};
    if (format != std::string("text")) arguments.insert(arguments.end(), {"--format", format});
    const std::string again = bench.perfgate(arguments).out;
    CHECK_THAT(again, !ContainsSubstring("not confirmed") && !ContainsSubstring("not_confirmed"));
  }
  const Outcome better = bench.perfgate({"ab", "--base", bad, "--head", good});
  CHECK(better.code == 0);
  CHECK_THAT(better.out, ContainsSubstring("improved"));
}

TEST_CASE("ab counts what is slower again, by both builds", "[confirm]") {
  Bench bench;
  const std::string good = build_of(bench, "good", ""),
                    bad = build_of(bench, "bad", "scattered:*/o_proj:1.3");
  bench.runner.clear();
  const Outcome outcome = bench.perfgate({"ab", "--base", good, "--head", bad, "-o", "ab.json"});
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.out, ContainsSubstring("  worse coalescing\n"));
  const RunRecord run = read_record(read_file(bench.root() / "ab.json"), "ab.json");
  std::map<Side, int> counted;
  for (const ProcessRecord& process : run.processes)
    if (process.kind == ProcessKind::counters && process.round > 0) ++counted[process.side];
  CHECK(counted == std::map<Side, int>{{Side::head, 1}, {Side::base, 1}});
}

TEST_CASE("two rounds are ABBA or BAAB, by chance", "[confirm]") {
  Bench bench;
  const std::string noisy = build_of(bench, "noisy", "noisy:*/attention");
  bench.runner.clear();
  bench.perfgate({"ab", "--base", noisy, "--head", noisy, "-o", "ab.json"});
  const RunRecord run = read_record(read_file(bench.root() / "ab.json"), "ab.json");
  std::string order;
  for (const ProcessRecord& process : run.processes)
    if (process.round > 0) order += process.side == Side::base ? 'A' : 'B';
  REQUIRE(order.size() == 48);  // 24 rounds: the scatter settles nothing
  std::map<std::string, int> blocks;
  for (std::size_t i = 0; i < order.size(); i += 4) ++blocks[order.substr(i, 4)];
  CHECK(blocks["ABBA"] > 0);
  CHECK(blocks["BAAB"] > 0);
  CHECK(blocks["ABBA"] + blocks["BAAB"] == 12);
}

TEST_CASE("ab says what it lacks", "[confirm]") {
  Bench bench;
  bench.runner.clear();
  const Outcome one = bench.perfgate({"ab", "--base", "x"});
  CHECK(one.code == 2);
  CHECK_THAT(one.err, ContainsSubstring("perfgate ab --base RUNNER --head RUNNER"));
  const Outcome missing =
      bench.perfgate({"ab", "--base", "/nonexistent/a", "--head", "/nonexistent/b"});
  CHECK(missing.code == 3);
  CHECK_THAT(missing.err, ContainsSubstring("/nonexistent/a"));
}

TEST_CASE("ab says which build refused what it was asked for", "[confirm]") {
  Bench bench;
  const std::string good = build_of(bench, "good", ""),
                    older = build_of(bench, "older", "refuse-timing");
  bench.runner.clear();
  const Outcome base = bench.perfgate({"ab", "--base", older, "--head", good});
  CHECK(base.code == 2);
  CHECK_THAT(base.err,
             EndsWith("perfgate: error: the base build: backend own: use --backend auto\n"));
  const Outcome head = bench.perfgate({"ab", "--base", good, "--head", older});
  CHECK(head.code == 2);
  CHECK_THAT(head.err, EndsWith("perfgate: error: backend own: use --backend auto\n"));
}

TEST_CASE("a runner that dies in the rounds proves nothing", "[confirm]") {
  Bench bench;
  bench.make_baseline();
  // One counters process and three timing processes succeed, then it dies.
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.05;crash-after:6";
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.out, ContainsSubstring("inconclusive") && ContainsSubstring("SIGABRT"));
}
