// SPDX-License-Identifier: Apache-2.0
// Saved runs that are broken exit 2, and the error says what is wrong with them.
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using perfgate::read_file;
using perfgate::write_file;

namespace {

/// Runs perfgate compare on a run in which `from` was replaced.
Outcome outcome_of_edit(std::string_view from, std::string_view to) {
  Bench bench;
  bench.make_baseline();
  const std::string file = bench.save_run("run.json");
  write_file(file, replaced(read_file(file), from, to));
  return bench.perfgate({"compare", "run.json"});
}

}  // namespace

TEST_CASE("a truncated run exits 2", "[records]") {
  Bench bench;
  bench.make_baseline();
  const std::string file = bench.save_run("run.json");
  write_file(file, read_file(file).substr(0, 5000));
  const Outcome outcome = bench.perfgate({"compare", "run.json"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("run.json: not valid JSON at byte") &&
                              ContainsSubstring("truncated?"));
}

TEST_CASE("an unknown key, another schema, another kind exit 2", "[records]") {
  Outcome outcome = outcome_of_edit("\"commit\"", "\"comit\": \"\", \"commit\"");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err,
             ContainsSubstring("run.json: comit: unknown key (did you mean 'commit'?)"));
  outcome = outcome_of_edit("\"schema\": 2", "\"schema\": 99");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("reads schema 2, the file has 99"));
  outcome = outcome_of_edit("\"kind\": \"run\"", "\"kind\": \"result\"");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("expected a run record, found 'result'"));
}

TEST_CASE("a number that no double holds exits 2", "[records]") {
  const Outcome outcome = outcome_of_edit("\"wall_s\": 1.0", "\"wall_s\": 1e999");
  CHECK(outcome.code == 2);
}

TEST_CASE("a run that can't be read exits 2 with the system's reason", "[records]") {
  Bench bench;
  bench.make_baseline();
  Outcome outcome = bench.perfgate({"compare", "none.json"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("cannot read none.json: No such file or directory"));
  outcome = bench.perfgate({"compare", "configs"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("Is a directory"));
}

TEST_CASE("names from a file can't steer the terminal through an error message", "[records]") {
  const Outcome outcome = outcome_of_edit("\"name\": \"NVIDIA H200\"", "\"name\": \"X\\u001b[2J\"");
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("not comparable"));
  CHECK(outcome.err.find('\x1b') == std::string::npos);
}
