// The method as a whole on simulated machines: how often it is wrong, and what it finds.
#include "simulation.h"

#include "catch.h"
#include "gate/config.h"
#include "support.h"

using namespace perfgate;

namespace {

/// Ten cases judged as the shipped policy says.
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

// Run, process, launch, and how often a process is 5 % slower.
const Simulation calm = on({0.001, 0.0015, 0.004, 0});
const Simulation usual = on({0.005, 0.004, 0.008, 0});
const Simulation wild = on({0.02, 0.01, 0.015, 0.02});

/// Of 1000 runs of `ab`.
int slowdowns_found(const Simulation& simulation, double change, unsigned seed) {
  return found(simulation, change, Conclusion::confirmed, Begin::rounds, seed, 1000);
}

/// Of 300 runs of `check` with a base build.
int speedups_found(const Simulation& simulation, unsigned seed) {
  return found(simulation, -0.10, Conclusion::faster, Begin::screen, seed, 300);
}

}  // namespace

TEST_CASE("simulated runs without a change: nothing regressed, nothing improved", "[simulation]") {
  // Each at most 0.1 % with 95 % confidence: none in 3000 runs (the rule of three), or up to four
  // in 10,000 (Poisson: 9.15 expected would give so few one time in twenty).
  const FalseCalls of_calm = false_calls(calm, 1, 3000), of_usual = false_calls(usual, 2, 3000),
                   of_wild = false_calls(wild, 4, 10000);
  CHECK(of_calm.slower == 0);
  CHECK(of_calm.faster == 0);
  CHECK(of_usual.slower == 0);
  CHECK(of_usual.faster == 0);
  CHECK(of_wild.slower <= 4);
  CHECK(of_wild.faster <= 4);
}

TEST_CASE("what is found in simulated runs", "[simulation]") {
  struct Row {
    const Simulation& machine;
    int one, two, five, faster;  ///< at least so many, of 1000, 1000, 1000 and 300
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
  }
}
