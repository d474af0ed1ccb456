// SPDX-License-Identifier: Apache-2.0
// Measures what judging costs: `perfgate-benchmark`, in an optimised build (it is not a test,
// because it times).
//
// Runs of 1,000, 3,000 and 10,000 cases, 12 processes and a baseline of 12; the time of judge() is
// the median of five, the memory the process's peak, so the largest run comes last.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <random>

#include "gate/decode/layer_cases.h"
#include "gate/judge/judge.h"
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

Microseconds durations(std::size_t count, std::mt19937& random) {
  std::normal_distribution<double> scatter(1, 0.002);
  Microseconds all(count, std::vector<double>(processes));
  for (auto& one : all)
    for (double& us : one) us = 20 * scatter(random);
  return all;
}

double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

int main() {
  std::mt19937 random(20240613);
  fmt::print("{:>8} {:>10} {:>12} {:>10}\n", "cases", "ms", "us a case", "peak MB");
  for (const std::size_t count : {1000u, 3000u, 10000u}) {
    const Plan plan = plan_of(count);
    const RunRecord run = run_of(plan, durations(count, random));
    const Baseline baseline = baseline_of(plan, durations(count, random));
    std::vector<double> seconds;
    for (int i = 0; i < 5; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      const auto verdicts = judge(Comparison(run, baseline), strict_policy());
      seconds.push_back(
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
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
