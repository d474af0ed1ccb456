// SPDX-License-Identifier: Apache-2.0
// perfgate tune, and the choices of GEMM kernels that a baseline stores.
#include "gate/baseline/baseline.h"
#include "gate/decode/decode_source.h"
#include "gate/record/record.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"

using namespace perfgate;

namespace {

Baseline stored(const Bench& bench) {
  return read_baseline(read_file(bench.baseline()), "b");
}

/// Returns the variants that a measured run asked its runner for.
std::set<std::string> variants_of_run(const Bench& bench) {
  REQUIRE(bench.perfgate({"run", "-o", "run.json"}).code == 0);
  std::set<std::string> variants;
  const RunRecord run = read_record(read_file(bench.root() / "run.json"), "run");
  for (const GemmChoice& choice : choices_of(run.plan)) variants.insert(choice.variant);
  return variants;
}

}  // namespace

TEST_CASE("tune prints what the runner found, and stores nothing", "[tune]") {
  const Bench bench;
  const Outcome outcome = bench.perfgate({"tune"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, ContainsSubstring("the table of what was tuned") &&
                              ContainsSubstring("`perfgate baseline refresh --tune`"));
  CHECK_FALSE(std::filesystem::exists(bench.baseline()));
}

TEST_CASE("a refresh with --tune stores the choices, and every later run takes them", "[tune]") {
  Bench bench;
  CHECK(bench.perfgate({"baseline", "refresh", "--tune"}).code == 0);
  const Baseline first = stored(bench);
  REQUIRE(first.tuning.size() == 4);  // qkv, o, gate_up and down of one workload
  CHECK(first.tuning[0].variant == "tuned");
  CHECK(first.tuning[0].margin == 0.0125);
  CHECK_THAT(first.settings.at("decode").at("gemm_variants"), ContainsSubstring("tuned"));
  CHECK_THAT(bench.perfgate({"baseline", "show"}).out,
             ContainsSubstring("fp16 tuned, the layer with the next one +1.3 %"));

  CHECK(variants_of_run(bench) == std::set<std::string>{"tuned"});
  CHECK(bench.perfgate({}).code == 0);
  // Some of the cases are judged by the same choices.
  CHECK(bench.perfgate({"--only", "*/o_proj"}).code == 0);
  // What is added, replaced or measured anew has them, too.
  CHECK(bench.perfgate({"baseline", "refresh", "--add"}).code == 0);
  CHECK(bench.perfgate({"baseline", "refresh", "--only", "*/o_proj"}).code == 0);
  CHECK(bench.perfgate({"baseline", "refresh"}).code == 0);
  CHECK(stored(bench).tuning.size() == 4);
  CHECK(bench.perfgate({}).code == 0);
}

TEST_CASE("another backend is not judged by tuned kernels", "[tune]") {
  const Bench bench;
  REQUIRE(bench.perfgate({"baseline", "refresh", "--tune"}).code == 0);
  const Outcome outcome = bench.perfgate({"--backend", "cublas"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.out + outcome.err, ContainsSubstring("gemm_backend"));
}

TEST_CASE("a tuning that fails stores nothing and says why", "[tune]") {
  Bench bench;
  bench.make_baseline();
  const std::string before = read_file(bench.baseline());
  for (const auto& [script, code, said] :
       {std::tuple{"crash", 3, "no GEMM kernel was chosen"},
        std::tuple{"refuse", 2, "backend own: use --backend auto"},
        std::tuple{"garbage", 3, "no usable record"}}) {
    bench.env["FAKE_RUNNER"] = script;
    const Outcome outcome = bench.perfgate({"baseline", "refresh", "--tune"});
    INFO(script << outcome.err);
    CHECK(outcome.code == code);
    CHECK_THAT(outcome.err, ContainsSubstring(said));
    CHECK(read_file(bench.baseline()) == before);
  }
}

TEST_CASE("--tune stands with nothing that measures a part, or not at all", "[tune]") {
  const Bench bench;
  for (const std::vector<std::string>& beside :
       {std::vector<std::string>{"--add"}, {"--only", "*/o_proj"}, {"--backend", "cublas"}}) {
    std::vector<std::string> arguments{"baseline", "refresh", "--tune"};
    arguments.insert(arguments.end(), beside.begin(), beside.end());
    const Outcome outcome = bench.perfgate(arguments);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("--tune changes what every case"));
  }
  const Outcome replayed = bench.perfgate({"baseline", "refresh", "--tune", "--replay", "r.json"});
  CHECK(replayed.code == 2);
  CHECK_THAT(replayed.err, ContainsSubstring("--tune"));
}

TEST_CASE("a full refresh replaces a file that cannot be read, choices and all", "[tune]") {
  const Bench bench;
  REQUIRE(bench.perfgate({"baseline", "refresh", "--tune"}).code == 0);
  std::string text = read_file(bench.baseline());
  text.replace(text.find("\"tuned\""), 7, "\"other\"");
  write_file(bench.baseline(), text);
  CHECK(bench.perfgate({"run", "-o", "run.json"}).code == 2);
  const Outcome outcome = bench.perfgate({"baseline", "refresh"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.err, ContainsSubstring("no choice of GEMM kernels is taken over"));
  CHECK(stored(bench).tuning.empty());
}
