// SPDX-License-Identifier: Apache-2.0
// The timeline in the run record is kept to the digit, read strictly, and absent where nothing was
// traced.
#include "gate/record/timeline_json.h"

#include "gate/decode/layer_cases.h"
#include "gate/run/run_view.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"
#include "tests/unit/record/record_text.h"

using namespace perfgate;

namespace {

RunRecord traced_run() {
  RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
  for (const LaunchingInfo& info : launchings)
    run.processes[0].timelines.push_back(timeline_of(workload(llama_2_7b()), info.launching));
  return run;
}

}  // namespace

TEST_CASE("a timeline survives writing and reading", "[timeline_json]") {
  const std::string once = text_of(traced_run());
  const RunRecord back = read_record(once, "r.json");
  CHECK(text_of(back) == once);
  REQUIRE(back.processes[0].timelines.size() == 2);
  const StepTimeline& graph = back.processes[0].timelines[0];
  const StepTimeline& calls = back.processes[0].timelines[1];
  CHECK(graph.group == "llama-2-7b/b1/s1024/fp16");
  CHECK(graph.launching == Launching::graph);
  CHECK(calls.launching == Launching::calls);
  REQUIRE(graph.kernels.size() == 22);       // two layers of ten stages, attention has two kernels
  CHECK(graph.launches.size() == 11);        // each of them is listed once
  CHECK(graph.kernels[4].start_s == 10e-6);  // the stages before it take 1 + 2 + 3 + 4 us
  CHECK(graph.kernels[4].end_s == 15e-6);
  CHECK(graph.parts[graph.kernels[4].part] == "attention");
  CHECK(graph.whole == "layer");
  CHECK(graph.launches[graph.kernels[5].launch].name == "attention_kernel_1");
  CHECK_FALSE(graph.kernels[0].call_start_s);
  CHECK(calls.kernels[0].call_start_s == -10e-6);
}

TEST_CASE("a program's timeline keeps streams and the durations of all its occurrences",
          "[timeline_json]") {
  RunRecord run = traced_run();
  StepTimeline& timeline = run.processes[0].timelines[1];
  timeline.kernels[3].stream = 7;
  timeline.not_shown = 12;
  timeline.steps = 40;
  timeline.all = {{1, 80, 800e-6, 9e-6, 8e-6, 30e-6}};
  const std::string text = text_of(run);
  const StepTimeline back = read_record(text, "r.json").processes[0].timelines[1];
  CHECK(back.kernels[3].stream == 7);
  CHECK_FALSE(back.kernels[2].stream);
  CHECK(back.not_shown == 12);
  CHECK(back.steps == 40);
  REQUIRE(back.all.size() == 1);
  CHECK(back.all[0].median_s == 9e-6);
  CHECK_THAT(refusal_of(run, "\"median_s\":9e-06", "\"median_s\":31e-06"),
             ContainsSubstring("timelines[1].all[0].median_s: does not lie between"));
  CHECK_THAT(refusal_of(run, "\"instances\":80", "\"instances\":0"),
             ContainsSubstring("all[0].instances"));
}

TEST_CASE("a record without a timeline has no key for it", "[timeline_json]") {
  const RunRecord run = run_of(small_plan(), {{10}, {5}});
  CHECK_THAT(text_of(run), !ContainsSubstring("timeline"));
  CHECK(read_record(text_of(run), "r.json").processes[0].timelines.empty());
}

TEST_CASE("a timeline is refused by what is wrong with it", "[timeline_json]") {
  CHECK_THAT(refusal_of(traced_run(), "\"launching\": \"graph\"", "\"launching\": \"wires\""),
             ContainsSubstring("processes[0].timelines[0].launching: unknown 'wires'; known: "
                               "graph, calls"));
  CHECK_THAT(refusal_of(traced_run(), "\"timelines\": [\n    {\n     \"group\": \"llama-2-7b/b1",
                        "\"timelines\": [\n    {\n     \"group\": \"llama-2-7b/b9"),
             ContainsSubstring("timelines[0].group: 'llama-2-7b/b9/s1024/fp16' is not in the"));
  const std::string kernel = "processes[0].timelines[0].kernels[1].";
  const std::string second =
      "{\"part\":1,\"repetition\":0,\"launch\":1,\"start_s\":1e-06,\"end_s\":3e-06}";
  const auto with = [&](std::string_view from, std::string_view to) {
    return refusal_of(traced_run(), second, replaced(second, from, to));
  };
  CHECK_THAT(with("\"part\":1", "\"part\":10"),
             ContainsSubstring(kernel + "part: 10 is outside 0 to 9"));
  CHECK_THAT(with("\"launch\":1", "\"launch\":11"),
             ContainsSubstring(kernel + "launch: 11 is outside 0 to 10"));
  CHECK_THAT(with("\"repetition\":0", "\"repetition\":-1"),
             ContainsSubstring(kernel + "repetition: -1"));
  CHECK_THAT(with("3e-06", "5e-07"), ContainsSubstring(kernel + "end_s: is before start_s"));
  CHECK_THAT(with("1e-06", "-1e-06"),
             ContainsSubstring(kernel + "start_s: is before that of the kernel above"));
  CHECK_THAT(with("\"end_s\"", "\"ends_s\""), ContainsSubstring(kernel + "end_s: missing"));
  CHECK_THAT(with("3e-06}", "3e-06,\"call_end_s\":1e-06}"),
             ContainsSubstring(kernel + "call_end_s: and call_start_s belong together"));
  CHECK_THAT(with("3e-06}", "3e-06,\"call_start_s\":2e-06,\"call_end_s\":1e-06}"),
             ContainsSubstring(kernel + "call_end_s: is before call_start_s"));
  CHECK_THAT(with("3e-06}", "3e-06,\"streams\":7}"),
             ContainsSubstring(kernel + "streams: unknown key"));
}

TEST_CASE("the timeline of a run is the first valid one of the head", "[timeline_json]") {
  RunRecord run = traced_run();
  run.processes[1].timelines = {timeline_of(workload(llama_2_7b()), Launching::calls)};
  CHECK(timelines_of(run).size() == 2);
  run.processes[0].conditions = Conditions{};
  run.processes[0].conditions->events = 0x8;  // NVML's HwSlowdown, which is never valid
  CHECK(timelines_of(run).size() == 1);
  run.processes[1].side = Side::base;
  CHECK(timelines_of(run).empty());
}

TEST_CASE("cases that are left out take the timeline of their group along", "[timeline_json]") {
  RunRecord run = traced_run();
  const Workload other = workload(llama_3_8b());
  for (const Case& one : cases_of(other)) run.plan.cases.push_back(one);
  run.processes[0].timelines.push_back(timeline_of(other, Launching::graph));
  keep_cases(run, {"llama-3*/o_proj"});
  REQUIRE(run.processes[0].timelines.size() == 1);
  CHECK(run.processes[0].timelines[0].group == workload_id(other));
}
