// SPDX-License-Identifier: Apache-2.0
// Tests where the report goes.
#include "gate/util/json_object.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"

using perfgate::parse_json;
using perfgate::read_file;

namespace {

Bench slow_bench() {
  Bench bench;
  bench.make_baseline();
  bench.save_run("a.json", "slow:*/o_proj:1.1");
  return bench;
}

}  // namespace

TEST_CASE("--json - is JSON alone on stdout, the text goes to stderr", "[outputs]") {
  const Outcome outcome = slow_bench().perfgate({"compare", "a.json", "--json", "-"});
  CHECK(outcome.code == 1);
  const auto json = parse_json(outcome.out, "stdout");
  CHECK(json["exit_code"] == 1);
  CHECK(json["counts"]["regressed"] == 1);
  CHECK(json["cases"].size() == 11);
  CHECK_THAT(outcome.err, ContainsSubstring("perfgate: FAIL: 1 regressed, 10 passed (h200)"));
}

TEST_CASE("--markdown - is Markdown alone on stdout", "[outputs]") {
  const Outcome outcome = slow_bench().perfgate({"compare", "a.json", "--markdown", "-"});
  CHECK_THAT(outcome.out, StartsWith("### perfgate"));
  CHECK_THAT(outcome.out, !ContainsSubstring("\nperfgate: "));
  CHECK_THAT(outcome.err, ContainsSubstring("perfgate: FAIL"));
}

TEST_CASE("both files at once, and the text on stdout", "[outputs]") {
  const Bench bench = slow_bench();
  const Outcome outcome =
      bench.perfgate({"compare", "a.json", "--json", "r.json", "--markdown", "r.md"});
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.last_line(), StartsWith("perfgate: FAIL"));
  CHECK(parse_json(read_file(bench.root() / "r.json"), "f")["verdict"] == "FAIL");
  CHECK_THAT(read_file(bench.root() / "r.md"), ContainsSubstring("regressed"));
}

TEST_CASE("--html is one page with the verdict in it, and may have stdout", "[outputs]") {
  const Bench bench = slow_bench();
  const Outcome outcome = bench.perfgate({"compare", "a.json", "--html", "r.html"});
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.last_line(), StartsWith("perfgate: FAIL"));
  CHECK_THAT(read_file(bench.root() / "r.html"),
             ContainsSubstring("1 regressed, 10 passed") && EndsWith("</html>\n"));
  const Outcome alone = bench.perfgate({"compare", "a.json", "--html", "-"});
  CHECK_THAT(alone.out, StartsWith("<!DOCTYPE html>") && EndsWith("</html>\n"));
  CHECK_THAT(alone.err, ContainsSubstring("perfgate: FAIL"));
  CHECK(bench.perfgate({"compare", "a.json", "--html", "-", "--json", "-"}).code == 2);
}

TEST_CASE("--trace is the run's steps, live or saved, and may have stdout", "[outputs]") {
  Bench bench;
  bench.make_baseline();
  CHECK(bench.perfgate({"--trace", "live.json", "-o", "run.json"}).code == 0);
  const Outcome saved = bench.perfgate({"compare", "run.json", "--trace", "-"});
  CHECK(saved.code == 0);
  CHECK_THAT(saved.err, ContainsSubstring("perfgate: PASS"));
  const auto slices = [](const std::string& text) {
    std::size_t count = 0;
    const auto trace = parse_json(text, "trace");
    for (const auto& event : trace["traceEvents"]) count += event["ph"] == "X";
    return count;
  };
  // There are two layers, in two timelines: the layers, ten stages and eleven kernels of each; and
  // the calls once.
  CHECK(slices(saved.out) == 2 * (2 + 20 + 22) + 22);
  CHECK(slices(read_file(bench.root() / "live.json")) == slices(saved.out));
}

TEST_CASE("--trace of a record without a timeline, or of what has no steps, is refused",
          "[outputs]") {
  const Bench bench = slow_bench();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"compare", "a.json"}, {"--replay", "a.json"}}) {
    auto with_trace = arguments;
    with_trace.insert(with_trace.end(), {"--trace", "t.json"});
    const Outcome outcome = bench.perfgate(with_trace);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("--trace: a.json has no timeline"));
  }
  CHECK_FALSE(std::filesystem::exists(bench.root() / "t.json"));
  CHECK_THAT(bench.perfgate({"run", "-o", "r.json", "--trace", "t.json"}).err,
             ContainsSubstring("--trace is for check, profile, compare and demo"));
}

TEST_CASE("why a case changed is printed below its row, and only there", "[outputs]") {
  const Outcome outcome = slow_bench().perfgate({"compare", "a.json"});
  const auto lines = split(outcome.flat(), '\n');
  std::size_t whys = 0;
  for (const std::string& line : lines) {
    if (line.find("the counters' process did not see") == std::string::npos) continue;
    ++whys;
    CHECK_THAT(line, ContainsSubstring("/o_proj ") && ContainsSubstring("  unknown "));
  }
  CHECK(whys == 1);
}

TEST_CASE("--quiet shows what did not pass, and the verdict", "[outputs]") {
  const Bench bench = slow_bench();
  const Outcome slow = bench.perfgate({"compare", "a.json", "--quiet"});
  CHECK_THAT(slow.out, ContainsSubstring("/o_proj") && !ContainsSubstring("/silu_mul"));
  bench.save_run("good.json");
  const Outcome good = bench.perfgate({"compare", "good.json", "--quiet"});
  CHECK(split(good.out, '\n').size() == 3);  // "saved run", the free clocks and the verdict
  CHECK(good.last_line() == "perfgate: PASS: 11 passed (h200)");
}

TEST_CASE("a live quiet run prints the verdict, its free clocks, and no progress", "[outputs]") {
  Bench bench;
  bench.make_baseline();
  const Outcome outcome = bench.perfgate({"--quiet"});
  CHECK_THAT(outcome.out, StartsWith("note: free clocks"));
  CHECK(outcome.out.find("\nperfgate: PASS") == outcome.out.rfind("\n", outcome.out.size() - 2));
  CHECK(outcome.err.empty());
}

TEST_CASE("progress is a line per process where the output is no terminal", "[outputs]") {
  Bench bench;
  bench.make_baseline();
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.err ==
        "process 1 of 4: counters\nprocess 2 of 4: timing\nprocess 3 of 4: timing\n"
        "process 4 of 4: timing\n");
}

TEST_CASE("an output that can't be written is refused before anything is measured", "[outputs]") {
  Bench bench;
  bench.make_baseline();
  for (const char* option : {"--json", "--markdown", "--html", "--trace", "--output"}) {
    const Outcome outcome = bench.perfgate({option, "none/report"});
    INFO(option);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("none"));
  }
  CHECK_FALSE(std::filesystem::exists(bench.root() / "runner-state"));
}
