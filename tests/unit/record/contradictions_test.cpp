// SPDX-License-Identifier: Apache-2.0
// A record that contradicts itself is refused with the path, never judged.
#include "gate/record/record.h"

#include "gate/record/samples.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Returns a timing of 9 to 12 us whose statistics fit together.
Timing consistent() {
  Timing timing = timing_of(case_of("o_proj"), 10e-6);
  timing.min_s = 9e-6;
  timing.max_s = 12e-6;
  timing.placements_s = {9.5e-6, 10.5e-6};
  return timing;
}

std::string complaint(const RunRecord& run) {
  const std::string text = write_record(run, RawSamples::keep);
  return error_of<UsageError>([&] { read_record(text, "r.json"); });
}

std::string after(void (*change)(Timing&)) {
  RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
  run.processes[1].timings[0] = consistent();
  change(run.processes[1].timings[0]);
  return complaint(run);
}

}  // namespace

TEST_CASE("statistics of one set of samples that contradict each other", "[contradictions]") {
  CHECK(after([](Timing&) {}) == "(nothing was thrown)");
  const std::string path = "r.json: processes[1].timings[0].";
  CHECK_THAT(after([](Timing& timing) {
               timing.placements_s.clear();
               timing.min_s = 11e-6;
             }),
             StartsWith(path + "q1_s: ") && ContainsSubstring("below min_s"));
  CHECK_THAT(after([](Timing& timing) { timing.max_s = 9.9e-6; }),
             StartsWith(path + "placements_s: "));
  CHECK_THAT(after([](Timing& timing) {
               timing.placements_s.clear();
               timing.max_s = 9.9e-6;
             }),
             StartsWith(path + "max_s: "));
  CHECK_THAT(after([](Timing& timing) { timing.q3_s = 9.99e-6; }), StartsWith(path + "q3_s: "));
  CHECK_THAT(after([](Timing& timing) { timing.q1_s = 10.5e-6; }), StartsWith(path + "median_s: "));
  // A process statistic below all of its samples, and one that is not the mean of its placements.
  CHECK_THAT(after([](Timing& timing) { timing.iq_mean_s = 5e-6; }),
             StartsWith(path + "iq_mean_s: ") && ContainsSubstring("not between"));
  CHECK_THAT(
      after([](Timing& timing) { timing.iq_mean_s = 9.7e-6; }),
      StartsWith(path + "iq_mean_s: ") && ContainsSubstring("but the mean of placements_s is"));
  CHECK_THAT(after([](Timing& timing) {
               timing.count = 2;
               timing.samples_s = {10e-6, 13e-6};
             }),
             StartsWith(path + "samples_s: ") && ContainsSubstring("1.3e-05"));
}

TEST_CASE("a process statistic outside of the middle half of its samples", "[contradictions]") {
  const auto moved = [](double iq_mean_s) {
    RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
    Timing& timing = run.processes[1].timings[0];
    timing = consistent();
    timing.placements_s.clear();
    timing.q1_s = 9.5e-6;
    timing.q3_s = 11e-6;
    timing.iq_mean_s = iq_mean_s;
    return complaint(run);
  };
  CHECK(moved(9.5e-6) == "(nothing was thrown)");
  CHECK(moved(11e-6) == "(nothing was thrown)");
  CHECK_THAT(moved(9.4e-6), StartsWith("r.json: processes[1].timings[0].iq_mean_s: ") &&
                                ContainsSubstring("is not between q1_s 9.5e-06 and q3_s 1.1e-05"));
  CHECK_THAT(moved(11.1e-6), ContainsSubstring("is not between q1_s"));
}

TEST_CASE("statistics that are not those of the samples", "[contradictions]") {
  // The middle half of 1 to 8 is 3 to 6, R's quantile(1:8) is 1, 2.75, 4.5, 6.25, 8.
  const auto read = [](auto change) {
    RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
    Timing timing{case_of("o_proj"), 8, 4.5e-6, 4.5e-6, 2.75e-6, 6.25e-6, 1e-6, 8e-6, {}, {}};
    for (const int us : {8, 1, 7, 2, 6, 3, 5, 4}) timing.samples_s.push_back(us * 1e-6);
    change(timing);
    run.processes[1].timings[0] = timing;
    return complaint(run);
  };
  CHECK(read([](Timing&) {}) == "(nothing was thrown)");
  CHECK(read([](Timing& timing) { timing.placements_s = {4.5e-6}; }) == "(nothing was thrown)");
  // Of several placements it is their mean, whatever the middle half of all samples is.
  CHECK(read([](Timing& timing) {
          timing.placements_s = {2e-6, 8e-6};
          timing.iq_mean_s = 5e-6;
        }) == "(nothing was thrown)");
  const std::string path = "r.json: processes[1].timings[0].";
  CHECK(read([](Timing& timing) { timing.iq_mean_s = 4e-6; }) ==
        path + "iq_mean_s: 4e-06, but that of samples_s is 4.5e-06");
  CHECK_THAT(
      read([](Timing& timing) { timing.iq_mean_s = timing.placements_s.emplace_back(4e-6); }),
      StartsWith(path + "iq_mean_s: 4e-06, but that of samples_s is"));
  CHECK_THAT(read([](Timing& timing) { timing.median_s = 4.4e-6; }),
             StartsWith(path + "median_s: 4.4e-06, but that of samples_s is"));
  CHECK_THAT(read([](Timing& timing) { timing.q1_s = 3e-6; }), StartsWith(path + "q1_s: "));
  CHECK_THAT(read([](Timing& timing) { timing.q3_s = 6e-6; }), StartsWith(path + "q3_s: "));
  CHECK_THAT(read([](Timing& timing) { timing.min_s = 0.9e-6; }), StartsWith(path + "min_s: "));
  CHECK_THAT(read([](Timing& timing) { timing.max_s = 9e-6; }), StartsWith(path + "max_s: "));
}

TEST_CASE("a check that proves nothing", "[contradictions]") {
  const auto checked = [](auto change) {
    RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
    change(run.processes[0].checks[1]);
    return complaint(run);
  };
  const std::string path = "r.json: processes[0].checks[1].";
  CHECK(checked([](CaseCheck&) {}) == "(nothing was thrown)");
  CHECK_THAT(checked([](CaseCheck& check) { check.elements = 0; }),
             StartsWith(path + "elements: "));
  // An output of zeros has the error 1.
  CHECK_THAT(checked([](CaseCheck& check) { check.limit = 1; }),
             StartsWith(path + "limit: 1 is no limit: an output of zeros has the error 1"));
  CHECK_THAT(checked([](CaseCheck& check) {
               check.limit = 1e30;
               check.error = 5;
             }),
             StartsWith(path + "limit: "));
  CHECK_THAT(checked([](CaseCheck& check) { check.error = -1e-4; }),
             StartsWith(path + "error: -0.0001 is below 0"));
  // What failed is no contradiction: such an output is wrong.
  CHECK(checked([](CaseCheck& check) {
          check.error = 5;
          check.passed = false;
        }) == "(nothing was thrown)");
}

TEST_CASE("times that no GPU measures", "[contradictions]") {
  for (const double seconds : {5e-324, 1e-300, 1e-10, 1e7}) {
    INFO(seconds);
    RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
    run.processes[0].timings[1] = timing_of(case_of("silu_mul"), seconds);
    // The reader of numbers refuses the first two already, as no number that a file may hold.
    CHECK_THAT(complaint(run), StartsWith("r.json: processes[0].timings[1].iq_mean_s: ") &&
                                   ContainsSubstring(seconds < 1e-100 ? "expected a finite number"
                                                                      : "is no duration"));
  }
}

TEST_CASE("a speed that no device has", "[contradictions]") {
  for (const double per_s : {1e-90, 1e3, 1e20}) {
    RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
    run.processes[1].sentinels->fma_flops = per_s;
    CHECK_THAT(complaint(run), StartsWith("r.json: processes[1].sentinels.fma_flops: ") &&
                                   ContainsSubstring("is no device's speed"));
  }
}

TEST_CASE("a case twice in a list of a process", "[contradictions]") {
  const auto doubled = [](auto list) {
    RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
    run.processes[0].metrics = run.processes[2].metrics;
    run.processes[0].failures = {{case_of("o_proj"), "x"}};
    run.processes[0].absent = {{"ipc", "x"}};
    auto& entries = run.processes[0].*list;
    entries.push_back(entries.front());
    return complaint(run);
  };
  const std::string o_proj = "'" + case_of("o_proj") + "' stands twice";
  CHECK_THAT(doubled(&ProcessRecord::timings),
             StartsWith("r.json: processes[0].timings[2].case: ") && ContainsSubstring(o_proj));
  CHECK_THAT(doubled(&ProcessRecord::metrics), ContainsSubstring("metrics[2].case: " + o_proj));
  CHECK_THAT(doubled(&ProcessRecord::checks), ContainsSubstring("checks[2].case: " + o_proj));
  CHECK_THAT(doubled(&ProcessRecord::kernels), ContainsSubstring("kernels[2].case: " + o_proj));
  CHECK_THAT(doubled(&ProcessRecord::failures), ContainsSubstring("failures[1].case: " + o_proj));
  CHECK_THAT(doubled(&ProcessRecord::absent),
             ContainsSubstring("absent[1].metric: 'ipc' stands twice"));
}

TEST_CASE("a process that stands twice is one process", "[contradictions]") {
  RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
  run.processes.insert(run.processes.begin() + 2, run.processes[0]);
  CHECK_THAT(complaint(run), ContainsSubstring("processes: number 3 is number 1 again"));
  // Also where one of them left out its samples.
  RunRecord raw = run;
  raw.processes[0].timings[0] = timing_of(case_of("o_proj"), {{9e-6, 10e-6, 11e-6}});
  raw.processes[2] = raw.processes[0];
  raw.processes[2].timings[0].samples_s.clear();
  CHECK_THAT(complaint(raw), ContainsSubstring("number 3 is number 1 again"));
  // The same durations in another time are another process.
  run.processes[2].wall_s += 1e-6;
  CHECK(complaint(run) == "(nothing was thrown)");
  // Counters count, too.
  run.processes.push_back(run.processes.back());
  CHECK_THAT(complaint(run), ContainsSubstring("number 5 is number 4 again"));
}

TEST_CASE("a metric that is planned twice", "[contradictions]") {
  RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
  run.plan.metrics.push_back(run.plan.metrics[1]);
  CHECK_THAT(complaint(run),
             ContainsSubstring("plan.metrics[3].id: 'hbm_throughput' stands twice"));
}
