// SPDX-License-Identifier: Apache-2.0
// A record that is not of a transformer: made-up ids of a source `program` are judged, explained,
// rendered in every format and posted like any other.
#include "gate/util/json_object.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const std::string slow_case = "my/app/attention";

/// A program whose ranges are cases: two parts and their whole; the bytes of only one are known.
Plan program_plan() {
  Plan plan = small_plan({});
  plan.sources = {{"program", Json{{"command", {"python3", "app.py"}}}, {{"batch", "8"}}}};
  plan.cases = {
      {"my/app/attention", "my/app", "attention", "flash", {}, {64e6, 1e9, Pipe::tensor}, 0},
      {"my/app/copy", "my/app", "copy", "", {}, {}, 0},
      {"my/app/all", "my/app", "all", "", {"my/app/attention", "my/app/copy"}, {}, 0},
  };
  for (const char* id : {"gpu_time", "instructions", "sm_clock"})
    plan.metrics.push_back(simple_metric(id, Unit::count));
  return plan;
}

StepTimeline program_timeline() {
  StepTimeline timeline;
  timeline.group = "my/app";
  timeline.parts = {"attention", "copy"};
  timeline.launches = {{"flash_kernel", {64, 1, 1}, {128, 1, 1}, 128, 0}};
  timeline.kernels = {{0, 0, 0, 0, 30e-6, std::nullopt, std::nullopt, std::nullopt},
                      {1, 0, 0, 31e-6, 35e-6, std::nullopt, std::nullopt, std::nullopt},
                      {0, 1, 0, 40e-6, 70e-6, std::nullopt, std::nullopt, std::nullopt}};
  return timeline;
}

/// `factor` is how much longer attention takes, with as many more instructions.
RunRecord program_run(double factor) {
  const Plan plan = program_plan();
  RunRecord run = run_of(plan, {around(30 * factor), around(4), around(40)});
  for (CaseMetrics& counted : run.processes.back().metrics) {
    const double more = counted.case_id == slow_case ? factor : 1;
    counted.values["instructions"] = 1e6 * more;
    counted.values["sm_clock"] = 1.8e9;
    counted.values["ipc"] = 0.25;
    counted.values["gpu_time"] = 1e6 * more / (0.25 * 132 * 1.8e9);
  }
  run.processes[0].timelines = {program_timeline()};
  return run;
}

/// Returns the folder with both runs, and the variables of a pull request's job.
Bench bench_with_runs() {
  Bench bench;
  write_file(bench.root() / "base.json", write_record(program_run(1), RawSamples::keep));
  write_file(bench.root() / "head.json", write_record(program_run(1.2), RawSamples::keep));
  bench.env["GITHUB_REPOSITORY"] = "octo/hello";
  bench.env["GITHUB_SHA"] = std::string(40, 'a');
  bench.env["GITHUB_API_URL"] = "http://127.0.0.1:1";  // opening a socket would fail
  write_file(bench.root() / "event.json", R"({"pull_request": {"number": 7, "head": {"sha": ")" +
                                              std::string(40, 'a') + "\"}}}");
  bench.env["GITHUB_EVENT_PATH"] = "event.json";
  return bench;
}

}  // namespace

TEST_CASE("a program's record is judged and explained", "[program_record]") {
  const Bench bench = bench_with_runs();
  const Outcome outcome =
      bench.perfgate({"compare", "head.json", "--against", "base.json", "--explain", slow_case});
  CHECK(outcome.code == 1);
  CHECK(outcome.last_line() == "perfgate: FAIL: 1 regressed, 2 passed (h200)");
  CHECK_THAT(outcome.out, ContainsSubstring("evidence: " + slow_case) &&
                              ContainsSubstring("instructions +20.0 %") &&
                              ContainsSubstring("more work"));
}

TEST_CASE("a program's record is rendered in every format", "[program_record]") {
  const Bench bench = bench_with_runs();
  const Outcome outcome = bench.perfgate({"compare", "head.json", "--against", "base.json",
                                          "--json", "r.json", "--markdown", "r.md", "--junit",
                                          "r.xml", "--html", "r.html", "--trace", "t.json"});
  CHECK(outcome.code == 1);
  const auto text = [&](const char* name) { return read_file(bench.root() / name); };
  const Json result = parse_json(text("r.json"), "r.json");
  const Json& slow = result["cases"][0];
  CHECK(slow["group"] == "my/app");
  CHECK(slow["part"] == "attention");
  CHECK(slow["verdict"] == "regressed");
  CHECK(slow["cause"] == "work");
  CHECK(slow["causes"][0]["title"] == "more work");
  CHECK(slow["bytes"] == 64e6);
  CHECK(slow.contains("roofline"));
  // An unknown value is absent, never 0.
  CHECK_FALSE(result["cases"][1].contains("bytes"));
  CHECK_FALSE(result["cases"][1].contains("roofline"));
  CHECK(result["cases"][2]["whole_of"] == Json{"my/app/attention", "my/app/copy"});
  CHECK_THAT(text("r.md"), ContainsSubstring("my/app/attention"));
  CHECK_THAT(text("r.xml"), ContainsSubstring("classname=\"my/app\" name=\"attention\""));
  CHECK_THAT(text("r.html"), ContainsSubstring("\"my/app\""));
  const Json trace = parse_json(text("t.json"), "t.json");
  std::size_t parts = 0;
  for (const Json& event : trace["traceEvents"])
    parts += event["ph"] == "X" && event["name"] == "attention";
  CHECK(parts == 2);
  CHECK_THAT(text("t.json"), ContainsSubstring("repetition 1"));
}

TEST_CASE("a program's result is posted", "[program_record]") {
  const Bench bench = bench_with_runs();
  bench.perfgate({"compare", "head.json", "--against", "base.json", "--json", "r.json"});
  const Outcome outcome = bench.perfgate({"publish", "r.json", "--dry-run", "--force"});
  CHECK(outcome.code == 1);
  const Json requests = parse_json(outcome.out, "stdout");
  REQUIRE(requests.size() == 3);
  CHECK_THAT(requests[2]["body"]["body"].get<std::string>(),
             ContainsSubstring("my/app/attention") && ContainsSubstring("| ✗ "));
}

TEST_CASE("a program under other settings is not compared", "[program_record]") {
  const Bench bench = bench_with_runs();
  RunRecord other = program_run(1);
  other.plan.sources[0].settings["batch"] = "16";
  write_file(bench.root() / "other.json", write_record(other, RawSamples::keep));
  const Outcome outcome = bench.perfgate({"compare", "other.json", "--against", "base.json"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.out, ContainsSubstring("program: batch is 16 now, 8 in the baseline"));
}
