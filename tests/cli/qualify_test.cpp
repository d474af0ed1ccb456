// SPDX-License-Identifier: Apache-2.0
// Tests the gate's self test, with a runner that plants what it is told to.
#include "tests/support/bench.h"
#include "tests/support/catch.h"

using namespace perfgate;

TEST_CASE("a build against itself is quiet", "[qualify]") {
  const Bench bench;
  const Outcome outcome = bench.perfgate({"qualify", "-o", "run.json"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.last_line(), StartsWith("perfgate: QUALIFIED: 0 false alarms in 11 cases ("));
  CHECK_THAT(outcome.out, ContainsSubstring("\ndetectable effect: median "));
  const RunRecord run = read_record(read_file(bench.root() / "run.json"), "run.json");
  CHECK(run.processes.size() == 12);  // six rounds of two, no counters
}

TEST_CASE("a planted slowdown is found in its stage, and nowhere else", "[qualify]") {
  const Bench bench;
  const Outcome outcome = bench.perfgate(
      {"qualify", "--slow", "5", "--stage", "o_proj", "--stage", "attention", "--rounds", "6"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.last_line(),
             StartsWith("perfgate: QUALIFIED: 0 false alarms in 11 cases, 2 of 2 planted"));
}

TEST_CASE("a runner that plants nothing fails the self test", "[qualify]") {
  Bench bench;
  bench.env["FAKE_RUNNER"] = "no-stretch";
  const Outcome outcome = bench.perfgate({"qualify", "--slow", "5", "--stage", "o_proj"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.last_line(), StartsWith("perfgate: NOT QUALIFIED") &&
                                      ContainsSubstring("0 of 1 planted slowdowns"));
}

TEST_CASE("a report on stdout is not mixed with the text of qualify", "[qualify]") {
  const Bench bench;
  const Outcome outcome = bench.perfgate({"qualify", "--format", "junit"});
  CHECK_THAT(outcome.out, StartsWith("<?xml") && EndsWith("</testsuites>\n"));
  CHECK_THAT(outcome.err, ContainsSubstring("perfgate: "));
}

TEST_CASE("qualify says what it lacks", "[qualify]") {
  const Bench bench;
  const Outcome half = bench.perfgate({"qualify", "--slow", "2"});
  CHECK(half.code == 2);
  CHECK_THAT(half.err, ContainsSubstring("qualify --slow 2 --stage o_proj"));
  const Outcome unknown = bench.perfgate({"qualify", "--slow", "2", "--stage", "o_prj"});
  CHECK(unknown.code == 2);
  CHECK_THAT(unknown.err, ContainsSubstring("did you mean 'o_proj'"));
  CHECK(bench.perfgate({"qualify", "--rounds", "5"}).code == 2);
}
