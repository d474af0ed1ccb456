// SPDX-License-Identifier: Apache-2.0
// Measures what judging costs: `perfgate-benchmark`, in an optimised build (it is not a test,
// because it times).
//
// Runs of 1,000, 3,000 and 10,000 cases, 12 processes and a baseline of 12; the time of judge() is
// the median of five, the memory the process's peak, so the largest run comes last. Before them a
// program's: 1,000 occurrences of a range of 200 kernels, from what the injection library writes
// to the verdict.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "gate/baseline/baseline.h"
#include "gate/decode/layer_cases.h"
#include "gate/judge/judge.h"
#include "gate/program/program_measurement.h"
#include "gate/util/stats.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

constexpr int processes = 12;

/// Makes `count` cases, spread over workloads as real ones are, eleven in each.
Plan plan_of(std::size_t count) {
  Plan plan = small_plan({});
  for (int context = 16; plan.cases.size() < count; context += 16)
    for (Case& one : cases_of(workload(llama_2_7b(), 1, context)))
      if (plan.cases.size() < count) plan.cases.push_back(std::move(one));
  return plan;
}

/// Each case takes 20 us, or as long as a memory of 2 TB/s needs for its bytes.
Microseconds durations(const Plan& plan, std::mt19937& random) {
  std::normal_distribution<double> scatter(1, 0.002);
  Microseconds all;
  for (const Case& one : plan.cases) {
    const double least_us = std::max(20.0, one.work.dram_bytes.value_or(0) / 2e6);
    std::vector<double>& of_case = all.emplace_back(processes);
    for (double& us : of_case) us = least_us * scatter(random);
  }
  return all;
}

double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double seconds_of(const auto& action) {
  const auto begin = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// What one process saw of "step": each occurrence launches the same kernels, one after the other.
Observation observed(std::size_t occurrences, std::size_t kernels, std::mt19937& random) {
  std::normal_distribution<double> scatter(1, 0.01);
  Observation out;
  out.pid = 1;
  out.program = "app";
  out.complete = out.nvtx = true;
  out.names = {"step"};
  for (std::size_t kernel = 0; kernel < kernels; ++kernel) {
    out.launches.push_back(
        {fmt::format("void some::framework::kernel_{}<float, 4>(float*, int)", kernel),
         {132, 1, 1},
         {256, 1, 1},
         64,
         32768});
    out.graphs.push_back(false);
    out.in_graph.push_back(false);
  }
  std::int64_t now_ns = 0;
  for (std::size_t i = 0; i < occurrences; ++i) {
    Occurrence& occurrence = out.occurrences.emplace_back();
    for (std::size_t kernel = 0; kernel < kernels; ++kernel) {
      occurrence.launches.push_back(kernel);
      occurrence.start_ns.push_back(now_ns);
      now_ns += static_cast<std::int64_t>(20000 * scatter(random));
      occurrence.end_ns.push_back(now_ns);
      now_ns += 1000;
    }
  }
  return out;
}

/// Prints the sizes of the files and the times of a run of three such processes.
void measure_program(std::mt19937& random) {
  constexpr std::size_t occurrences = 1000, kernels = 200;
  ProgramSpec spec;
  spec.name = "app";
  spec.command = {"app"};
  spec.ranges = {"step/"};
  spec.skip = 0;
  spec.occurrences = occurrences;
  RunRecord run = run_of(small_plan({"o_proj"}), {around(10)});
  run.processes.clear();
  double read_s = 0, made_s = 0;
  std::size_t bytes = 0;
  std::vector<ProgramRange> ranges;
  for (int i = 0; i < 3; ++i) {
    const std::string text = write_observation(observed(occurrences, kernels, random));
    bytes = text.size();
    Observation seen;
    read_s += seconds_of([&] { seen = read_observation(text, "benchmark"); }) / 3;
    made_s += seconds_of([&] {
                if (ranges.empty()) ranges = ranges_of(spec, {seen});
                run.processes.push_back(timing_process(spec, ranges, {seen}));
              }) /
              3;
  }
  run.plan.sources = {program_source(spec)};
  run.plan.cases = cases_of(ranges, 0);
  const Baseline baseline = make_baseline(run);
  const double judged_s = seconds_of([&] { judge(Comparison(run, baseline), strict_policy()); });
  constexpr double mb = 1e-6;
  fmt::print(
      "a program, {} occurrences of {} kernels, three starts: {:.1f} MB a start from the library, "
      "read "
      "in {:.2f} s, made a process in {:.2f} s; record {:.1f} MB, {:.1f} MB without samples; {} "
      "cases judged "
      "in {:.3f} s\n\n",
      occurrences, kernels, mb * static_cast<double>(bytes), read_s, made_s,
      mb * static_cast<double>(write_record(run, RawSamples::keep).size()),
      mb * static_cast<double>(write_record(run, RawSamples::leave_out).size()),
      run.plan.cases.size(), judged_s);
}

}  // namespace

int main() {
  std::mt19937 random(20240613);
  measure_program(random);
  fmt::print("{:>8} {:>10} {:>12} {:>10}\n", "cases", "ms", "us a case", "peak MB");
  for (const std::size_t count : {1000u, 3000u, 10000u}) {
    const Plan plan = plan_of(count);
    const RunRecord run = run_of(plan, durations(plan, random));
    const Baseline baseline = baseline_of(plan, durations(plan, random));
    std::vector<double> seconds;
    for (int i = 0; i < 5; ++i) {
      std::vector<CaseVerdict> verdicts;
      seconds.push_back(
          seconds_of([&] { verdicts = judge(Comparison(run, baseline), strict_policy()); }));
      if (verdicts.size() != count || count_failed(verdicts) > 0) {
        fmt::print(stderr, "perfgate-benchmark: not every case was judged\n");
        return 1;
      }
    }
    fmt::print("{:>8} {:>10.1f} {:>12.2f} {:>10.1f}\n", count, 1e3 * median(seconds),
               1e6 * median(seconds) / static_cast<double>(count), peak_mb());
  }
  return 0;
}
