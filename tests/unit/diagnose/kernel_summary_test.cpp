// SPDX-License-Identifier: Apache-2.0
// The kernel summary of a step whose kernels last whole microseconds.
#include "gate/diagnose/kernel_summary.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

StepTimeline step(Launching launching) {
  return timeline_of(workload(llama_2_7b()), launching);
}

}  // namespace

TEST_CASE("instances, total, mean, shortest, longest and share of each kernel",
          "[kernel_summary]") {
  StepTimeline timeline = step(Launching::graph);
  timeline.kernels.back().end_s += 2e-6;  // the second down_proj lasts 12 us, the first 10
  const StepSummary summary = summarize(timeline);
  CHECK(summary.repetitions == 2);
  REQUIRE(summary.launches.size() == 11);
  const LaunchSummary& first = summary.launches.front();
  CHECK(timeline.launches[first.launch].name == "down_proj_kernel_0");
  CHECK(first.instances == 2);
  CHECK(first.total_s == Approx(22e-6));
  CHECK(first.mean_s() == Approx(11e-6));
  CHECK(first.min_s == Approx(10e-6));
  CHECK(first.max_s == Approx(12e-6));
  CHECK(first.median_s == Approx(11e-6));
  CHECK(first.share == Approx(22.0 / 122));  // two layers of 60 us, and 2 us
  CHECK(timeline.launches[summary.launches.back().launch].name == "input_norm_kernel_0");
  double shares = 0;
  for (const LaunchSummary& one : summary.launches) shares += one.share;
  CHECK(shares == Approx(1));
}

TEST_CASE("what is no kernel is a gap, and overlapping kernels count once", "[kernel_summary]") {
  const StepSummary graph = summarize(step(Launching::graph));
  CHECK(graph.span_s == Approx(120e-6));
  CHECK(graph.busy_s == Approx(120e-6));
  const StepSummary calls = summarize(step(Launching::calls));
  CHECK(calls.span_s == Approx(141e-6));  // 21 gaps of 1 us between 22 kernels
  CHECK(calls.busy_s == Approx(120e-6));
  StepTimeline overlapping = step(Launching::graph);
  overlapping.kernels[1].start_s = 0.5e-6;
  CHECK(summarize(overlapping).busy_s == Approx(120e-6));
}

TEST_CASE("durations of all steps are summarised where they are known", "[kernel_summary]") {
  StepTimeline timeline = step(Launching::calls);
  timeline.steps = 40;
  timeline.all = {{2, 40, 400e-6, 9e-6, 8e-6, 30e-6}, {5, 80, 1600e-6, 20e-6, 19e-6, 21e-6}};
  const StepSummary summary = summarize(timeline);
  CHECK(summary.of == "40 occurrences");
  REQUIRE(summary.launches.size() == 2);
  CHECK(summary.launches[0].launch == 5);
  CHECK(summary.launches[0].share == Approx(0.8));
  CHECK(summary.launches[1].mean_s() == Approx(10e-6));
  CHECK(summary.span_s == Approx(141e-6));  // of the step that is shown
}

TEST_CASE("the repetition that is shown is in the middle of the step", "[kernel_summary]") {
  StepTimeline timeline = step(Launching::graph);
  CHECK(typical_repetition(timeline).size() == 11);
  for (const KernelSpan& span : typical_repetition(timeline))
    CHECK(span.repetition == 1);  // the second of two
  const StepTimeline more = timeline;
  for (KernelSpan span : more.kernels) {
    span.repetition += 2;
    span.start_s += 120e-6;
    span.end_s += 120e-6;
    timeline.kernels.push_back(span);
  }
  CHECK(typical_repetition(timeline).size() == 11);
  for (const KernelSpan& span : typical_repetition(timeline))
    CHECK(span.repetition == 2);  // the third of four
}
