// SPDX-License-Identifier: Apache-2.0
// Tests measuring, judging and the exit code.
#include "gate/util/json_object.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"

using perfgate::parse_json;
using perfgate::read_file;

namespace {

Outcome outcome_of(const std::string& script, std::vector<std::string> arguments = {}) {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = script;
  return bench.perfgate(std::move(arguments));
}

/// Returns the row of the table that belongs to a case, with the sentences below it.
std::string row(const Outcome& outcome, const std::string& id) {
  for (const std::string& line : split(outcome.flat(), '\n'))
    if (line.find(" " + id + " ") != std::string::npos) return line;
  return "(no row)";
}

}  // namespace

TEST_CASE("an unchanged GPU passes, twice in a row", "[verdict]") {
  Bench bench;
  bench.make_baseline();
  for (int i = 0; i < 2; ++i) {
    const Outcome outcome = bench.perfgate({});
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.last_line(), StartsWith("perfgate: PASS: 11 passed (h200, "));
  }
  // Each run has three timing processes and one counters process.
  CHECK(read_file(bench.root() / "runner-state").size() == 8);
  CHECK(bench.leftovers().empty());
}

TEST_CASE("a regression exits 1 and names its case", "[verdict]") {
  const Outcome outcome = outcome_of("slow:*/o_proj:1.05");
  CHECK(outcome.code == 1);
  CHECK_THAT(row(outcome, o_proj), ContainsSubstring("regressed") && ContainsSubstring("+5.0"));
  CHECK_THAT(outcome.last_line(), StartsWith("perfgate: FAIL: 1 regressed, 10 passed ("));
}

TEST_CASE("a 3 % slowdown of everything is seen in every case", "[verdict]") {
  // 3 % of the 3 us that the shortest case takes is 0.09 us, above the bench's floor of 0.05 us.
  CHECK_THAT(outcome_of("slow:*:1.03").last_line(),
             StartsWith("perfgate: FAIL: 11 regressed, 0 passed"));
}

TEST_CASE("faster is an improvement and a pass", "[verdict]") {
  const Outcome outcome = outcome_of("slow:*/o_proj:0.9");
  CHECK(outcome.code == 0);
  CHECK_THAT(row(outcome, o_proj), ContainsSubstring("improved"));
}

TEST_CASE("a regression wins over a missing case", "[verdict]") {
  const Outcome outcome = outcome_of("slow:*/o_proj:1.1;drops:*/silu_mul");
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.last_line(), ContainsSubstring("1 regressed, 9 passed, 1 missing"));
}

TEST_CASE("a missing case is no pass", "[verdict]") {
  const Outcome outcome = outcome_of("drops:*/silu_mul");
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.last_line(), StartsWith("perfgate: NO VERDICT: 10 passed, 1 missing"));
}

TEST_CASE("scatter is inconclusive, and the policy decides what that is worth", "[verdict]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = "noisy:*/attention";
  const Outcome strict = bench.perfgate({});
  CHECK(strict.code == 3);
  CHECK_THAT(strict.flat(),
             ContainsSubstring("inconclusive") && ContainsSubstring("does not settle"));
  bench.change_policy("on_inconclusive = \"fail\"", "on_inconclusive = \"warn\"");
  CHECK(bench.perfgate({}).code == 0);
}

TEST_CASE("wrong results, NaNs and changing kernels are invalid", "[verdict]") {
  for (const auto& [script, reason] :
       {std::pair{"wrong:*/o_proj", "error 5.00e-01 against the reference"},
        std::pair{"nan:*/o_proj", "the output holds a NaN"},
        std::pair{"kernels:*/o_proj", "not the same kernels in every process"}}) {
    const Outcome outcome = outcome_of(script);
    INFO(script);
    CHECK(outcome.code == 3);
    CHECK_THAT(row(outcome, o_proj), ContainsSubstring("invalid") && ContainsSubstring(reason));
  }
}

TEST_CASE("a case that the runner could not measure says why", "[verdict]") {
  const Outcome outcome = outcome_of("fails:*/o_proj");
  CHECK(outcome.code == 3);
  CHECK_THAT(row(outcome, o_proj), ContainsSubstring("out of memory"));
}

TEST_CASE("a run without counters is judged and says so", "[verdict]") {
  const Outcome outcome = outcome_of("nocounters");
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, ContainsSubstring("no counters in this run") &&
                              ContainsSubstring("no ipc: profiling is forbidden"));
}

TEST_CASE("--only judges what matches, and an unknown case is bad usage", "[verdict]") {
  const Outcome some = outcome_of("slow:*/silu_mul:2", {"--only", "*_proj", "--only", "*/layer"});
  CHECK(some.code == 0);
  CHECK_THAT(some.last_line(), StartsWith("perfgate: PASS: 5 passed"));
  const Outcome none = outcome_of("", {"--only", "*/o_porj"});
  CHECK(none.code == 2);
  CHECK_THAT(none.err, ContainsSubstring("--only */o_porj: matches none of the 11 cases"));
}

TEST_CASE("text from the runner is inert in every output", "[verdict]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = "evil:*/o_proj";
  const Outcome outcome = bench.perfgate({"--markdown", "r.md", "--json", "r.json"});
  CHECK(outcome.code == 3);
  CHECK(outcome.out.find('\x1b') == std::string::npos);
  std::size_t verdicts = 0;
  for (const std::string& line : split(outcome.out, '\n'))
    verdicts += line.starts_with("perfgate:");
  CHECK(verdicts == 1);
  CHECK_THAT(outcome.last_line(), StartsWith("perfgate: NO VERDICT"));
  CHECK_THAT(read_file(bench.root() / "r.md"),
             !ContainsSubstring("<img") && !ContainsSubstring("@team"));
  CHECK_NOTHROW(parse_json(read_file(bench.root() / "r.json"), "r.json"));
}
