// The method as a whole on simulated machines: how often it is wrong, what it finds, and that
// docs/method.md states these numbers.
#include "tests/support/simulation.h"

#include <fmt/format.h>

#include "gate/config/config.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Returns a simulation of ten cases, judged by the shipped policy.
Simulation on(Noise noise) {
  const Policy policy = parse_policy(source_file("configs/perfgate.toml"), "perfgate.toml");
  Simulation simulation;
  simulation.noise = noise;
  simulation.criteria = {policy.judge.tolerances.at(0).ratio, policy.judge.screen_alpha};
  simulation.alpha = policy.judge.alpha;
  simulation.baseline_processes = policy.measure.baseline_processes;
  simulation.processes = policy.measure.processes;
  return simulation;
}

// The noise of run, process and launch, and how often a process is 5 % slower.
const Simulation calm = on({0.001, 0.0015, 0.004, 0});
const Simulation usual = on({0.005, 0.004, 0.008, 0});
const Simulation wild = on({0.02, 0.01, 0.015, 0.02});

/// Counts the slowdowns found in 1000 runs of `ab`.
int slowdowns_found(const Simulation& simulation, double change, unsigned seed) {
  return found(simulation, change, Conclusion::confirmed, Begin::rounds, seed, 1000);
}

/// Counts the speed-ups found in 300 runs of `check` with a base build.
int speedups_found(const Simulation& simulation, unsigned seed) {
  return found(simulation, -0.10, Conclusion::faster, Begin::screen, seed, 300);
}

/// Checks the beginning of a row of the page's table: the verdicts on unchanged runs.
void says(std::string_view noise, const FalseCalls& calls, int runs) {
  const std::string row =
      fmt::format("| {} | {} of {} | {} of {} | ", noise, calls.slower, runs, calls.faster, runs);
  CHECK_THAT(source_file("docs/method.md"), ContainsSubstring(row));
}

/// Checks the end of that row: how many changes by 1, 2 and 5 %, and by -10 %, were found.
void says(int one, int two, int five, int faster) {
  const std::string row = fmt::format(" | {:.1f} % | {:.1f} % | {:.1f} % | {:.1f} % |\n", one / 10.,
                                      two / 10., five / 10., faster / 3.);
  CHECK_THAT(source_file("docs/method.md"), ContainsSubstring(row));
}

}  // namespace

TEST_CASE("simulated runs without a change: nothing regressed, nothing improved", "[simulation]") {
  // Each rate is at most 0.1 % with 95 % confidence: none in 3000 runs (the rule of three), or up
  // to four in 10,000 (Poisson: 9.15 expected would give so few one time in twenty).
  const FalseCalls of_calm = false_calls(calm, 1, 3000), of_usual = false_calls(usual, 2, 3000),
                   of_wild = false_calls(wild, 4, 10000);
  CHECK(of_calm.slower == 0);
  CHECK(of_calm.faster == 0);
  CHECK(of_usual.slower == 0);
  CHECK(of_usual.faster == 0);
  CHECK(of_wild.slower <= 4);
  CHECK(of_wild.faster <= 4);
  says("0.1 / 0.15 / 0.4", of_calm, 3000);
  says("0.5 / 0.4 / 0.8", of_usual, 3000);
  says("2 / 1 / 1.5", of_wild, 10000);
}

TEST_CASE("what is found in simulated runs", "[simulation]") {
  struct Row {
    const Simulation& machine;
    int one, two, five, faster;  ///< the least numbers found, of 1000, 1000, 1000 and 300
  };
  for (const Row& row :
       {Row{calm, 990, 990, 1000, 300}, Row{usual, 0, 950, 1000, 300}, Row{wild, 0, 0, 990, 0}}) {
    const int one = slowdowns_found(row.machine, 0.01, 6),
              two = slowdowns_found(row.machine, 0.02, 5),
              five = slowdowns_found(row.machine, 0.05, 4), faster = speedups_found(row.machine, 7);
    INFO(row.machine.noise.run);
    CHECK(one >= row.one);
    CHECK(two >= row.two);
    CHECK(five >= row.five);
    CHECK(faster >= row.faster);
    says(one, two, five, faster);
  }
}

TEST_CASE("without a base build a shift between invocations is taken for the code's",
          "[simulation]") {
  Simulation stored = usual, steady = usual, small = calm;
  stored.against = steady.against = small.against = RoundsAgainst::baseline;
  steady.noise.run = 0;
  const FalseCalls of_steady = false_calls(steady, 8, 3000), of_small = false_calls(small, 9, 1000);
  CHECK(of_steady.slower + of_steady.faster == 0);
  CHECK(of_small.slower + of_small.faster == 0);
  const FalseCalls shifted = false_calls(stored, 10, 1000);
  CHECK_THAT(
      source_file("docs/method.md"),
      ContainsSubstring(fmt::format("{} in 1,000 call something slower and {} something faster "
                                    "(with 0.1 %: none)",
                                    shifted.slower, shifted.faster)));
}
