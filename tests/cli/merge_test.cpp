// SPDX-License-Identifier: Apache-2.0
// Tests perfgate merge, and --junit.
#include "gate/util/json_object.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Returns a bench with results of two GPUs: h200.json passes, other.json has one regression.
Bench with_results() {
  Bench bench;
  bench.make_baseline();
  bench.save_run("good.json");
  bench.save_run("slow.json", "slow:*/o_proj:1.1");
  bench.perfgate({"compare", "good.json", "--json", "h200.json"});
  bench.perfgate({"compare", "slow.json", "--json", "other.json"});
  const auto file = bench.root() / "other.json";
  write_file(file, replaced(read_file(file), "\"gpu_id\": \"h200\"", "\"gpu_id\": \"h100\""));
  return bench;
}

}  // namespace

TEST_CASE("merge makes one report of a matrix, in every format", "[merge]") {
  const Bench bench = with_results();
  const Outcome outcome = bench.perfgate({"merge", "h200.json", "other.json", "--json", "m.json",
                                          "--markdown", "m.md", "--junit", "m.xml"});
  CHECK(outcome.code == 1);
  CHECK(outcome.last_line() == "perfgate: FAIL: 1 regressed, 21 passed (h200 + h100)");
  const Json json = parse_json(read_file(bench.root() / "m.json"), "m.json");
  CHECK(json["cases"].size() == 22);
  CHECK(json["counts"]["regressed"] == 1);
  CHECK_THAT(read_file(bench.root() / "m.md"),
             ContainsSubstring("h100/llama-2-7b/b1/s1024/fp16/o\\_proj"));
  CHECK_THAT(read_file(bench.root() / "m.xml"), ContainsSubstring("tests=\"22\" failures=\"1\""));
  // The merged result can be merged and published again.
  CHECK(bench.perfgate({"merge", "m.json"}).code == 1);
}

TEST_CASE("one result merged is itself", "[merge]") {
  const Bench bench = with_results();
  CHECK(bench.perfgate({"merge", "h200.json", "--json", "again.json"}).code == 0);
  CHECK(read_file(bench.root() / "again.json") == read_file(bench.root() / "h200.json"));
}

TEST_CASE("the same GPU twice is refused", "[merge]") {
  const Bench bench = with_results();
  const Outcome outcome = bench.perfgate({"merge", "h200.json", "h200.json"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("in two of the results of h200"));
  CHECK(bench.perfgate({"merge"}).code == 2);
}

TEST_CASE("publish of several results posts one report", "[merge]") {
  Bench bench = with_results();
  bench.env["GITHUB_REPOSITORY"] = "octo/hello";
  bench.env["GITHUB_SHA"] = std::string(40, 'a');
  const Outcome outcome =
      bench.perfgate({"publish", "h200.json", "other.json", "--dry-run", "--post", "status"});
  CHECK(outcome.code == 1);
  const Json requests = parse_json(outcome.out, "stdout");
  REQUIRE(requests.size() == 1);
  CHECK(requests[0]["body"]["description"] == "FAIL: 1 regressed, 21 passed (h200 + h100)");
}

TEST_CASE("a result longer than 32 MiB is not read to its end", "[merge]") {
  const Bench bench = with_results();
  write_file(bench.root() / "long.json", std::string((std::size_t{32} << 20) + 1, ' '));
  const Outcome outcome = bench.perfgate({"merge", "long.json"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("longer than 33554432 bytes"));
}

TEST_CASE("--junit of a saved run", "[merge]") {
  const Bench bench = with_results();
  const Outcome outcome = bench.perfgate({"compare", "slow.json", "--junit", "-"});
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.out, StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites") &&
                              EndsWith("</testsuites>\n"));
  CHECK_THAT(outcome.err, ContainsSubstring("perfgate: FAIL"));
}
