// SPDX-License-Identifier: Apache-2.0
// Checks the trace against the rules of the Trace Event format: what Perfetto and chrome://tracing
// need in an event, and what the record says about the step.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "gate/baseline/baseline.h"
#include "gate/report/make_report.h"
#include "gate/report/render.h"
#include "gate/util/json_object.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

using Thread = std::pair<int, int>;  // process, thread

std::int64_t ns(const Json& us) {
  return std::llround(us.get<double>() * 1e3);
}

/// Throws unless the text is a trace that a viewer reads without guessing: it has the fields of
/// each event by its phase, names for each process and thread once, and in each thread slices that
/// are ordered and do not overlap.
Json parse_trace(const std::string& text) {
  Json trace = parse_json(text, "trace");
  const auto require = [](bool holds, const std::string& what, const Json& event) {
    if (!holds) throw std::runtime_error(what + ": " + event.dump());
  };
  require(trace.at("displayTimeUnit") == "ns", "displayTimeUnit", trace["displayTimeUnit"]);
  std::map<Thread, std::int64_t> ends_ns;
  std::set<Thread> named_threads;
  std::set<int> named_processes;
  for (const Json& event : trace.at("traceEvents")) {
    require(event.at("name").is_string() && !event["name"].get<std::string>().empty(), "name",
            event);
    require(event.at("pid").is_number_integer() && event["pid"] > 0, "pid", event);
    require(event.at("tid").is_number_integer() && event["tid"] >= 0, "tid", event);
    require(event.at("args").is_object(), "args", event);
    const Thread thread{event["pid"], event["tid"]};
    if (event.at("ph") == "M") {
      if (event["name"] == "process_name")
        require(named_processes.insert(thread.first).second, "named twice", event);
      if (event["name"] == "thread_name")
        require(named_threads.insert(thread).second, "named twice", event);
      require(event["args"].size() == 1, "one argument", event);
      continue;
    }
    require(event["ph"] == "X", "phase", event);
    require(event.at("ts").is_number() && event["ts"] >= 0, "ts", event);
    require(event.at("dur").is_number() && event["dur"] >= 0, "dur", event);
    require(named_threads.contains(thread), "a thread without a name", event);
    require(named_processes.contains(thread.first), "a process without a name", event);
    const std::int64_t start_ns = ns(event["ts"]);
    const auto [end, first] = ends_ns.emplace(thread, 0);
    require(first || start_ns >= end->second, "overlaps the one before", event);
    end->second = start_ns + ns(event["dur"]);
  }
  return trace;
}

Report report_of(RunRecord run) {
  const Baseline baseline = baseline_of(run.plan, {{10, 10.1, 10.2}, {5, 5.1, 5.2}});
  Report report = make_report(run, baseline, strict_policy());
  return report;
}

RunRecord run_with_timelines() {
  RunRecord run = run_of(small_plan(), {{10, 10.1, 10.2}, {5, 5.1, 5.2}});
  for (const LaunchingInfo& info : launchings)
    run.processes[0].timelines.push_back(timeline_of(workload(llama_2_7b()), info.launching));
  return run;
}

/// Returns the slices of the thread with this name.
std::vector<Json> slices_of(const Json& trace, const std::string& title) {
  std::vector<Json> slices;
  std::optional<Thread> thread;
  for (const Json& event : trace["traceEvents"]) {
    const Thread of{event["pid"], event["tid"]};
    if (event["name"] == "thread_name" && event["args"]["name"] == title) thread = of;
    if (event["ph"] == "X" && thread == of) slices.push_back(event);
  }
  return slices;
}

constexpr const char* by_graph = " (replayed as one CUDA graph)";
constexpr const char* by_calls = " (launched one by one)";

}  // namespace

TEST_CASE("the parts of a trace last as long as the record's kernels", "[render_trace]") {
  const RunRecord run = run_with_timelines();
  const Json trace = parse_trace(render_trace(report_of(run)));
  for (const auto& [launching, title] : {std::pair{0, by_graph}, {1, by_calls}}) {
    INFO(title);
    const auto parts_seen = slices_of(trace, std::string("parts") + title);
    REQUIRE(parts_seen.size() == 20);
    for (std::size_t i = 0; i < parts_seen.size(); ++i) {
      const Json& slice = parts_seen[i];
      const StageInfo& info = stages[i % 10];
      CHECK(slice["name"] == std::string(info.id));
      CHECK(slice["args"]["layer"] == i / 10);
      // Computed from the record: first start to last end of this stage in this layer.
      double start_s = 1, end_s = 0;
      for (const KernelSpan& span :
           run.processes[0].timelines[static_cast<std::size_t>(launching)].kernels) {
        if (span.part != i % 10 || span.repetition != static_cast<int>(i / 10)) continue;
        start_s = std::min(start_s, span.start_s);
        end_s = std::max(end_s, span.end_s);
      }
      CHECK(ns(slice["dur"]) == std::llround((end_s - start_s) * 1e9));
    }
  }
  // The n-th stage's kernels last n us, attention (the 5th) has two; launched one by one, the gaps
  // are 1 us.
  CHECK(slices_of(trace, std::string("parts") + by_graph)[4]["dur"] == 10);
  CHECK(slices_of(trace, std::string("parts") + by_calls)[4]["dur"] == 11);
  const auto layers = slices_of(trace, std::string("layers") + by_graph);
  REQUIRE(layers.size() == 2);
  CHECK(layers[1]["dur"] == 60);  // 1 + 2 + ... + 10, and 5 again
}

TEST_CASE("a kernel has its case, its launch and the call that launched it", "[render_trace]") {
  const Json trace = parse_trace(render_trace(report_of(run_with_timelines())));
  const auto kernels = slices_of(trace, std::string("kernels") + by_calls);
  REQUIRE(kernels.size() == 22);
  const Json& args = kernels[5]["args"];
  CHECK(kernels[5]["name"] == "attention_kernel_1");
  CHECK(args["case"] == "llama-2-7b/b1/s1024/fp16/attention");
  CHECK(args["layer"] == 0);
  CHECK(args["grid"] == "132x1x1");
  CHECK(args["block"] == "256x1x1");
  CHECK(args["registers"] == 64);
  CHECK(args["since_call_s"].get<double>() == Approx(10e-6));
  // No time is negative: zero is the first call, 10 us before the first kernel.
  const auto calls = slices_of(trace, std::string("CPU: launches") + by_calls);
  REQUIRE_FALSE(calls.empty());
  CHECK(calls[0]["ts"] == 0);
  CHECK(calls[0]["dur"] == 3);
  CHECK(kernels[0]["ts"] == 10);
  CHECK(slices_of(trace, std::string("CPU: launches") + by_graph).empty());
  CHECK(slices_of(trace, std::string("kernels") + by_graph)[0]["ts"] == 0);
}

TEST_CASE("a part shows what was measured of its case", "[render_trace]") {
  const Json trace = parse_trace(render_trace(report_of(run_with_timelines())));
  for (const Json& slice : slices_of(trace, std::string("parts") + by_graph)) {
    const Json& args = slice["args"];
    if (slice["name"] != "o_proj") {
      // Only two stages were planned; for the others only the timeline is known.
      if (slice["name"] != "silu_mul") CHECK_FALSE(args.contains("verdict"));
      continue;
    }
    CHECK(args["case"] == case_of("o_proj"));
    CHECK(args["verdict"] == "pass");
    CHECK(args["head_s"].get<double>() == Approx(10.1e-6));
    CHECK(args["hbm_throughput"] == 0.875);
    CHECK(args["kernels"] == Json{"o_proj_kernel_0"});
  }
}

TEST_CASE("each group is a process with its name and the verdict", "[render_trace]") {
  RunRecord run = run_with_timelines();
  const Workload other = workload(llama_3_8b());
  run.processes[0].timelines.push_back(timeline_of(other, Launching::graph));
  const Report report = report_of(run);
  const Json trace = parse_trace(render_trace(report));
  std::map<int, std::string> names, labels;
  for (const Json& event : trace["traceEvents"]) {
    if (event["name"] == "process_name") names[event["pid"]] = event["args"]["name"];
    if (event["name"] == "process_labels") labels[event["pid"]] = event["args"]["labels"];
  }
  CHECK(names ==
        std::map<int, std::string>{{1, "llama-2-7b/b1/s1024/fp16"}, {2, workload_id(other)}});
  CHECK(labels[2] == verdict_sentence(report));
  CHECK(trace["otherData"]["perfgate"] == report.perfgate);
}

TEST_CASE("kernels that overlap are drawn in two threads", "[render_trace]") {
  RunRecord run = run_with_timelines();
  // The second kernel begins while the first still runs, as with programmatic launches.
  StepTimeline& graph = run.processes[0].timelines[0];
  graph.kernels[1].start_s = 0.4e-6;
  const Json trace = parse_trace(render_trace(report_of(run)));
  const std::string title = fmt::format("kernels{}", by_graph);
  int threads = 0, kernels = 0;
  for (const Json& event : trace["traceEvents"]) {
    if (event["name"] == "thread_name" && event["args"]["name"] == title) ++threads;
    if (event["ph"] == "X" && event["tid"] >= 40 && event["tid"] < 50) ++kernels;
  }
  CHECK(threads == 2);
  CHECK(kernels == 22);
}

TEST_CASE("a kernel's name can't break the trace, and a record without a timeline is no error",
          "[render_trace]") {
  RunRecord run = run_with_timelines();
  run.processes[0].timelines[0].launches[0].name = std::string(evil_text) + "\xff\"}]";
  const std::string text = render_trace(report_of(run));
  CHECK_THAT(text, !ContainsSubstring("\x1b") && !ContainsSubstring("\xff"));
  CHECK(slices_of(parse_trace(text), std::string("kernels") + by_graph).size() == 22);
  run.processes[0].timelines.clear();
  CHECK(parse_trace(render_trace(report_of(run)))["traceEvents"].empty());
}
