// SPDX-License-Identifier: Apache-2.0
// The method as a whole on simulated machines: how often it is wrong, what it finds, and that
// docs/method.md states these numbers.
#include "tests/support/simulation.h"

#include <fmt/format.h>

#include "gate/config/config.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Returns a simulation of the shipped suite's 44 cases, judged by the shipped policy.
Simulation on(Noise noise, RoundsAgainst against, int sessions) {
  const Policy policy = parse_policy(source_file("configs/perfgate.toml"), "perfgate.toml");
  Simulation simulation;
  simulation.noise = noise;
  simulation.against = against;
  simulation.criteria = {policy.judge.tolerances.at(0).ratio, policy.judge.screen_alpha};
  simulation.alpha = policy.judge.alpha;
  simulation.spread = policy.judge.spread;
  simulation.cases = 44;
  simulation.sessions = sessions;
  simulation.baseline_processes = policy.measure.baseline_processes;
  simulation.processes = policy.measure.processes;
  return simulation;
}

constexpr Noise measured{0.0005, 0.0015, 0, 0};  // as on H200s, and a little more
constexpr Noise usual{0.002, 0.003, 0, 0};
constexpr Noise shaky{0.005, 0.004, 0.008, 0};
constexpr Noise wild{0.02, 0.01, 0.015, 0.02};
constexpr Noise two_speeds{0.002, 0.003, 0, 0, 1, 0.02};
constexpr Noise mixed_speeds{0.002, 0.003, 0, 0, 1, 0.06, Changes::between_processes};

/// Checks that the page has the row with these numbers.
void says(std::string_view begin, const FalseCalls& calls, int runs, double holds) {
  const std::string row = fmt::format("| {} | {} of {} | {} of {} | {:.1f} % |", begin,
                                      calls.slower, runs, calls.faster, runs, holds);
  INFO(row);
  CHECK_THAT(source_file("docs/method.md"), ContainsSubstring(row));
}

/// Simulates unchanged runs, checks the row, and returns what they called.
FalseCalls unchanged(std::string_view begin, const Simulation& simulation, unsigned seed,
                     int runs) {
  const FalseCalls calls = false_calls(simulation, seed, runs);
  const double holds = coverage(simulation, seed + 100, 150);
  says(begin, calls, runs, holds);
  return calls;
}

/// Returns how many percent of runs find the one case that is slower by `change`.
double found_percent(const Simulation& simulation, double change, unsigned seed) {
  constexpr int runs = 400;
  return 100.0 * found(simulation, change, Conclusion::confirmed, Begin::screen, seed, runs) / runs;
}

double improved_percent(const Simulation& simulation, unsigned seed) {
  constexpr int runs = 200;
  return 100.0 * found(simulation, -0.10, Conclusion::faster, Begin::screen, seed, runs) / runs;
}

struct Found {
  double one, two, five, faster;
};

Found changed(std::string_view begin, const Simulation& simulation, unsigned seed) {
  const Found in_percent{
      found_percent(simulation, 0.01, seed), found_percent(simulation, 0.02, seed + 1),
      found_percent(simulation, 0.05, seed + 2), improved_percent(simulation, seed + 3)};
  const std::string row =
      fmt::format("| {} | {:.1f} % | {:.1f} % | {:.1f} % | {:.1f} % |", begin, in_percent.one,
                  in_percent.two, in_percent.five, in_percent.faster);
  INFO(row);
  CHECK_THAT(source_file("docs/method.md"), ContainsSubstring(row));
  return in_percent;
}

}  // namespace

TEST_CASE("unchanged runs against a stored baseline", "[simulation]") {
  // 0.2 % of the runs with six sessions, 1 % with three.
  const FalseCalls six = unchanged("0.2 / 0.3 | a baseline of 6 sessions",
                                   on(usual, RoundsAgainst::baseline, 6), 1, 2000);
  CHECK(six.slower <= 4);
  CHECK(six.faster <= 4);
  const FalseCalls three = unchanged("0.2 / 0.3 | a baseline of 3 sessions",
                                     on(usual, RoundsAgainst::baseline, 3), 2, 1000);
  CHECK(three.slower <= 10);
  CHECK(three.faster <= 10);
  const FalseCalls moved = unchanged("0.5 / 0.4 | a baseline of 6 sessions",
                                     on(shaky, RoundsAgainst::baseline, 6), 3, 500);
  CHECK(moved.slower <= 5);
  // What a baseline of one session cannot know.
  const FalseCalls one = unchanged("0.2 / 0.3 | a baseline of 1 session",
                                   on(usual, RoundsAgainst::baseline, 1), 4, 500);
  CHECK(one.slower > six.slower);
}

TEST_CASE("unchanged runs beside a base build", "[simulation]") {
  // Each rate is at most 0.1 % with 95 % confidence: none in 3000 runs (the rule of three).
  const FalseCalls calls =
      unchanged("0.2 / 0.3 | the base build", on(usual, RoundsAgainst::base_build, 3), 5, 3000);
  CHECK(calls.slower == 0);
  CHECK(calls.faster == 0);
  const FalseCalls of_wild =
      unchanged("2 / 1 | the base build", on(wild, RoundsAgainst::base_build, 3), 6, 1000);
  CHECK(of_wild.slower <= 2);
  const FalseCalls of_two =
      unchanged("0.2 / 0.3, five cases with two speeds 2 % apart | the base build",
                on(two_speeds, RoundsAgainst::base_build, 3), 7, 500);
  CHECK(of_two.slower == 0);
}

TEST_CASE("what is found in simulated runs", "[simulation]") {
  const Found steady = changed("0.05 / 0.15 | a baseline of 6 sessions",
                               on(measured, RoundsAgainst::baseline, 6), 11);
  CHECK(steady.one >= 90);
  CHECK(steady.two == 100);
  const Found stored =
      changed("0.2 / 0.3 | a baseline of 6 sessions", on(usual, RoundsAgainst::baseline, 6), 21);
  CHECK(stored.two >= 90);
  const Found built =
      changed("0.2 / 0.3 | the base build", on(usual, RoundsAgainst::base_build, 3), 31);
  CHECK(built.one >= 84);
  CHECK(built.two >= 99);
  const Found calm = changed("0.2 / 0.1 | the base build",
                             on({0.002, 0.001, 0, 0}, RoundsAgainst::base_build, 3), 41);
  CHECK(calm.one >= 99);
  const Found two = changed("0.2 / 0.3, two speeds 2 % apart | the base build",
                            on(two_speeds, RoundsAgainst::base_build, 3), 51);
  CHECK(two.two >= 99);
  const Found noisy = changed("2 / 1 | the base build", on(wild, RoundsAgainst::base_build, 3), 61);
  CHECK(noisy.five >= 95);
}

TEST_CASE("two speeds from process to process", "[simulation]") {
  const Simulation six = on(mixed_speeds, RoundsAgainst::baseline, 6);
  const FalseCalls calls = unchanged(
      "0.2 / 0.3, five cases with two speeds 6 % apart from process to process | a baseline of 6 "
      "sessions",
      six, 8, 500);
  CHECK(calls.slower == 0);
  CHECK(calls.faster == 0);
  const Found stored = changed(
      "0.2 / 0.3, two speeds 6 % apart from process to process | a baseline "
      "of 6 sessions",
      six, 71);
  CHECK(stored.two >= 50);
  CHECK(stored.five >= 90);
}
