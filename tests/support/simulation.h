// SPDX-License-Identifier: Apache-2.0
// Simulates runs through screen and rounds: how often the method is wrong, and what it finds. The
// runs are seeded, so that the numbers in docs/method.md can be compared with them.
#pragma once

#include <random>
#include <vector>

#include "gate/config/judge_policy.h"
#include "gate/judge/conclusion.h"

/// When the speed of a case with two may change.
enum class Changes { between_invocations, between_processes };

/// Relative standard deviations: from one invocation to the next, from one process to the next, and
/// of single launches; and how often a process takes 5 % longer.
struct Noise {
  double run, process, launch, spikes;
  /// Every fourth case moves so many times as much between invocations as the others.
  double wild_cases = 1;
  /// Two speeds: how much slower the slow one is. Every tenth case has one or the other, by chance.
  double second_speed = 0;
  Changes changes = Changes::between_invocations;
};

/// What screen and rounds compare with: the base build, run beside the head, or the stored
/// baseline.
enum class RoundsAgainst { base_build, baseline };

/// How a run gets to its rounds: as `check` does, or as `ab`, where every case begins with them.
enum class Begin { screen, rounds };

struct Simulation {
  Noise noise;
  RoundsAgainst against = RoundsAgainst::base_build;
  perfgate::Criteria criteria;
  double alpha = 0;  ///< of the whole run
  perfgate::SpreadPolicy spread{};
  int cases = 10;
  int sessions = 1;  ///< of the baseline, which share its processes
  int baseline_processes = 12, processes = 5;
};

/// How many of `runs` unchanged runs call some case slower; and some case faster.
struct FalseCalls {
  int slower = 0, faster = 0;
};
FalseCalls false_calls(const Simulation& simulation, unsigned seed, int runs);

/// How often, in percent of the cases of `runs` unchanged runs, the upper bound that is shown
/// holds.
double coverage(const Simulation& simulation, unsigned seed, int runs);

/// How many of `runs` conclude `wanted` of the one case that is slower by `change`.
int found(const Simulation& simulation, double change, perfgate::Conclusion wanted, Begin begin,
          unsigned seed, int runs);
