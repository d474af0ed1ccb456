// SPDX-License-Identifier: Apache-2.0
// How well metrics repeat, and which are in doubt, from the record to the report.
#include <limits>

#include "gate/baseline/baseline.h"
#include "gate/report/make_report.h"
#include "gate/report/render.h"
#include "gate/report/report_columns.h"
#include "gate/run/run_view.h"
#include "gate/util/json_object.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"
#include "tests/unit/record/record_text.h"

using namespace perfgate;

namespace {

/// Returns a run with ipc exact, hbm_throughput near, l2_hit_rate noisy and in doubt.
RunRecord marked_run() {
  RunRecord run = run_of(small_plan(), {{10, 11, 12}, {5, 6, 7}});
  for (ProcessRecord& process : run.processes)
    for (CaseMetrics& metrics : process.metrics) {
      metrics.values = {{"ipc", 0.25}, {"hbm_throughput", 0.875}, {"l2_hit_rate", 0.5}};
      metrics.stability = {{"ipc", Stability::exact},
                           {"hbm_throughput", Stability::near},
                           {"l2_hit_rate", Stability::noisy}};
      metrics.doubtful = {"l2_hit_rate"};
    }
  return run;
}

CaseMetrics& counted(RunRecord& run, std::size_t process) {
  return run.processes.at(process).metrics.at(0);
}

}  // namespace

TEST_CASE("exact, near and noisy", "[stability]") {
  CHECK(stability_of({2704, 2704, 2704}) == Stability::exact);
  CHECK(stability_of({0, 0, 0}) == Stability::exact);
  CHECK(stability_of({1000, 1002, 1001}) == Stability::near);   // 2 / 1001 < 0.2 %
  CHECK(stability_of({1000, 1003, 1001}) == Stability::noisy);  // 3 / 1001
  CHECK(stability_of({-1000, -1002, -1001}) == Stability::near);
  CHECK(stability_of({0, 0, 1}) == Stability::noisy);  // the median is 0
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(stability_of({1, nan, 1}) == Stability::noisy);
  CHECK(stability_of({nan, nan, nan}) == Stability::noisy);
  CHECK(stability_of({5}) == Stability::noisy);  // a single count proves nothing
  CHECK(stability_of({}) == Stability::noisy);
}

TEST_CASE("a record keeps them", "[stability]") {
  const std::string once = text_of(marked_run());
  const RunRecord back = read_record(once, "r.json");
  CHECK(text_of(back) == once);
  const CaseMetrics& metrics = back.processes.back().metrics.at(0);
  CHECK(metrics.stability == marked_run().processes.back().metrics.at(0).stability);
  CHECK(metrics.doubtful == std::vector<std::string>{"l2_hit_rate"});
  const Json json = parse_json(once, "r.json");
  const Json& entry = json["processes"].back()["metrics"][0];
  CHECK(entry["exact"] == Json{"ipc"});
  CHECK(entry["near"] == Json{"hbm_throughput"});
  CHECK_FALSE(entry.contains("noisy"));
}

TEST_CASE("all noisy is not the same as not measured", "[stability]") {
  RunRecord run = marked_run();
  CaseMetrics& metrics = run.processes.back().metrics.at(0);
  for (auto& [id, stability] : metrics.stability) stability = Stability::noisy;
  CHECK(read_record(text_of(run), "r").processes.back().metrics.at(0).stability ==
        metrics.stability);
  metrics.stability.clear();
  CHECK(read_record(text_of(run), "r").processes.back().metrics.at(0).stability.empty());
}

TEST_CASE("a record without them still reads", "[stability]") {
  RunRecord run = run_of(small_plan(), {{10, 11, 12}, {5, 6, 7}});
  const RunRecord back = read_record(text_of(run), "r.json");
  CHECK(view_case(back, case_of("o_proj")).stability.empty());
  CHECK(view_case(back, case_of("o_proj")).doubtful.empty());
  CHECK(make_baseline(back).cases[0].stability.empty());
}

TEST_CASE("a mark for a metric without a value is refused", "[stability]") {
  CHECK_THAT(refusal_of(marked_run(), "\"exact\": [\"ipc\"]", "\"exact\": [\"icp\"]"),
             ContainsSubstring("exact: 'icp' has no value"));
  CHECK_THAT(refusal_of(marked_run(), "\"near\": [\"hbm_throughput\"]", "\"near\": [\"ipc\"]"),
             ContainsSubstring("near: 'ipc' is listed twice"));
  CHECK_THAT(refusal_of(marked_run(), "\"doubtful\": [\"l2_hit_rate\"]", "\"doubtful\": [\"x\"]"),
             ContainsSubstring("doubtful: 'x' has no value"));
}

TEST_CASE("over several processes the worst counts", "[stability]") {
  RunRecord run = marked_run();
  run.processes.push_back(run.processes.back());
  const std::size_t second = run.processes.size() - 1;
  CHECK(view_case(run, case_of("o_proj")).stability.at("ipc") == Stability::exact);
  SECTION("noisy in one of them") {
    counted(run, second).stability["ipc"] = Stability::noisy;
    CHECK(view_case(run, case_of("o_proj")).stability.at("ipc") == Stability::noisy);
  }
  SECTION("the same within each, another from one to the next") {
    counted(run, second).values["ipc"] = 0.2501;  // 0.04 %
    CHECK(view_case(run, case_of("o_proj")).stability.at("ipc") == Stability::near);
    counted(run, second).values["ipc"] = 0.5;
    CHECK(view_case(run, case_of("o_proj")).stability.at("ipc") == Stability::noisy);
  }
}

TEST_CASE("a baseline keeps them beside the metrics", "[stability]") {
  const std::string once = write_baseline(make_baseline(marked_run()));
  CHECK_THAT(once, ContainsSubstring("\nmetrics.l2_hit_rate = 0.5\n"
                                     "exact = [\"ipc\"]\n"
                                     "near = [\"hbm_throughput\"]\n"));
  const Baseline back = read_baseline(once, "b.toml");
  CHECK(write_baseline(back) == once);
  CHECK(back.cases.at(0).stability.at("l2_hit_rate") == Stability::noisy);
  CHECK_THAT(error_of<UsageError>([&] {
               read_baseline(replaced(once, "exact = [\"ipc\"]", "exact = [\"icp\"]"), "b.toml");
             }),
             ContainsSubstring("exact: 'icp' has no value"));
}

TEST_CASE("a number in doubt has a question mark, and the report says what it means",
          "[stability]") {
  const RunRecord run = marked_run();
  const Report report = make_report(run, make_baseline(run), strict_policy());
  CHECK(report.cases.at(0).metrics.at("l2_hit_rate").doubtful);
  CHECK_FALSE(report.cases.at(0).metrics.at("ipc").doubtful);
  const std::string text = render_text(report, {.detail = Detail::all});
  CHECK_THAT(text, ContainsSubstring(" 50.0?\n") && ContainsSubstring(" 0.25 "));
  CHECK_THAT(text, ContainsSubstring("\na number with a ? comes from several passes"));
  // Where no such number is shown, there is nothing to explain.
  CHECK_THAT(render_text(report, {}), !ContainsSubstring("a number with a ?"));
  CHECK_THAT(render_markdown(report), ContainsSubstring("| 50.0? |"));
  const Json json = parse_json(render_json(report), "result");
  CHECK(json["cases"][0]["metrics"]["l2_hit_rate"]["doubtful"] == true);
  CHECK_FALSE(json["cases"][0]["metrics"]["ipc"].contains("doubtful"));
  RunRecord sure = run;
  for (ProcessRecord& process : sure.processes)
    for (CaseMetrics& metrics : process.metrics) metrics.doubtful.clear();
  CHECK_THAT(
      render_text(make_report(sure, make_baseline(sure), strict_policy()), {.detail = Detail::all}),
      !ContainsSubstring("50.0?") && !ContainsSubstring("with a ?"));
}
