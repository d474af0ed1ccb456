// SPDX-License-Identifier: Apache-2.0
// The whole machine is slower than on the day of the baseline, and no code was changed: these are
// simulated runs through the whole judge, including confirmation rounds.
#include <random>

#include "gate/judge/conclusion.h"
#include "gate/judge/judge.h"
#include "gate/report/make_report.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

constexpr double step = 1.03;

/// Returns process statistics of two cases, 10 and 5 us, with a scatter of 0.2 %.
Microseconds measured_us(double factor, int processes, std::mt19937& random) {
  std::normal_distribution<double> scatter(1, 0.002);
  Microseconds us(2);
  for (int p = 0; p < processes; ++p) {
    us[0].push_back(10 * factor * scatter(random));
    us[1].push_back(5 * factor * scatter(random));
  }
  return us;
}

/// Makes the sentinels of every process as slow as the machine, with a scatter of 0.1 %.
void slow_sentinels(RunRecord& run, double factor, std::mt19937& random) {
  std::normal_distribution<double> scatter(1, 0.001);
  for (ProcessRecord& process : run.processes)
    if (process.sentinels)
      process.sentinels =
          Sentinels{4.0e12 / factor * scatter(random), 6.0e13 / factor * scatter(random)};
}

/// Runs one check against a baseline of the faster machine. `blind`: the sentinels are as then.
Report check_after_step(std::mt19937& random, bool blind) {
  const Plan plan = small_plan();
  const Baseline baseline = baseline_of(plan, measured_us(1, 12, random));
  JudgePolicy policy = strict_policy();
  policy.tolerances = {{"*", 0.008, "test"}};
  RunRecord run = run_of(plan, measured_us(step, 5, random));
  for (const int look : looks) {
    if (!blind) slow_sentinels(run, step, random);
    if (cases_to_confirm(run, baseline, policy).empty()) break;
    const int done = run.processes.back().round;
    RunRecord more = run_of(plan, measured_us(step, look - done, random));
    more.processes.pop_back();  // its counters
    for (int i = 0; i < look - done; ++i) {
      more.processes[static_cast<std::size_t>(i)].round = done + i + 1;
      run.processes.push_back(std::move(more.processes[static_cast<std::size_t>(i)]));
    }
  }
  if (!blind) slow_sentinels(run, step, random);
  return make_report(run, baseline, policy);
}

int regressed(int runs, bool blind) {
  std::mt19937 random(20251125);
  int count = 0;
  for (int i = 0; i < runs; ++i)
    count += check_after_step(random, blind).count(Verdict::regressed) > 0;
  return count;
}

}  // namespace

TEST_CASE("a machine that is 3 % slower causes no regression", "[machine_step]") {
  CHECK(regressed(1000, false) == 0);
}

TEST_CASE("the same 3 % without a slower sentinel is the code's", "[machine_step]") {
  CHECK(regressed(20, true) == 20);
}
