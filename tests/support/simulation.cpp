// SPDX-License-Identifier: Apache-2.0
#include "tests/support/simulation.h"

#include <algorithm>
#include <cmath>

#include "gate/judge/session_spread.h"
#include "gate/judge/two_speeds.h"

using namespace perfgate;

namespace {

class Machine {
 public:
  Machine(Noise noise, unsigned seed) : m_noise(noise), m_random(seed) {}

  /// The shift of case number `index` in one invocation.
  double shift(int index) {
    const double scale = index % 4 == 3 ? m_noise.wild_cases : 1;
    return scale * m_noise.run * m_normal(m_random) + speed(index, Changes::between_invocations);
  }

  /// The part of that which is drawn for each process.
  double process_shift(int index) { return speed(index, Changes::between_processes); }

  /// A process statistic. The middle half of 200 launches scatters a little more than their mean.
  double process(double slower, double shift) {
    const double launches = m_noise.launch * 1.1 / std::sqrt(200.0) * m_normal(m_random);
    const bool spiky = m_noise.spikes > 0 && m_uniform(m_random) < m_noise.spikes;
    return 10e-6 * (1 + slower) *
           std::exp(shift + m_noise.process * m_normal(m_random) + launches + (spiky ? 0.05 : 0));
  }

 private:
  double speed(int index, Changes changes) {
    const bool two = m_noise.second_speed > 0 && m_noise.changes == changes && index % 10 == 0;
    return two && m_uniform(m_random) < 0.5 ? std::log1p(m_noise.second_speed) : 0;
  }

  Noise m_noise;
  std::mt19937 m_random;
  std::normal_distribution<double> m_normal;
  std::uniform_real_distribution<double> m_uniform{0, 1};
};

struct SimulatedCase {
  int index = 0;
  double slower = 0, shift = 0;
  Evidence evidence;
  bool changed = true;  ///< whether the evidence is newer than the conclusion
  double slower_p = 1, faster_p = 1;
  Proved proved;
  Conclusion conclusion = Conclusion::unconfirmed;
  bool in_rounds = true;
};

/// Concludes cases that share the error.
void conclude_family(const std::vector<SimulatedCase*>& family, const Simulation& simulation) {
  std::vector<double> slower_p, faster_p;
  for (SimulatedCase* one : family) {
    if (one->changed) {
      one->evidence.speeds = find_two_speeds(one->evidence, simulation.criteria.threshold / 2);
      const Estimate found = *estimate(one->evidence);
      one->slower_p = slower_p_value(found);
      one->faster_p = faster_p_value(found, simulation.criteria.threshold);
    }
    slower_p.push_back(one->slower_p);
    faster_p.push_back(one->faster_p);
  }
  const std::vector<bool> slower = holm(slower_p, look_alpha(simulation.alpha)),
                          faster = holm(faster_p, look_alpha(simulation.alpha));
  for (std::size_t i = 0; i < family.size(); ++i) {
    SimulatedCase& one = *family[i];
    // Quantiles take most of the time of a simulation, so only changed cases are concluded anew.
    if (!one.changed && one.proved.slower == slower[i] && one.proved.faster == faster[i]) continue;
    one.changed = false;
    one.proved = {slower[i], faster[i]};
    one.conclusion = conclude(one.evidence, simulation.criteria, one.proved);
  }
}

/// As the judge does: rounds beside a base build share the error among themselves.
void conclude_all(std::vector<SimulatedCase>& cases, const Simulation& simulation) {
  std::vector<SimulatedCase*> screened, confirmed;
  for (SimulatedCase& one : cases) {
    const bool independent = one.evidence.has_rounds() && one.evidence.against_base_build();
    (independent ? confirmed : screened).push_back(&one);
  }
  conclude_family(screened, simulation);
  conclude_family(confirmed, simulation);
}

/// One more process of a case, in this run.
double process_of(const SimulatedCase& one, double slower, Machine& machine) {
  return machine.process(slower, one.shift + machine.process_shift(one.index));
}

void add_rounds(SimulatedCase& one, int look, RoundsAgainst against, Machine& machine) {
  one.changed = true;
  while (one.evidence.rounds_s.size() < static_cast<std::size_t>(look)) {
    one.evidence.rounds_s.push_back(process_of(one, one.slower, machine));
    if (against == RoundsAgainst::base_build)
      one.evidence.rounds_base_s.push_back(process_of(one, 0, machine));
  }
}

/// One whole run, the first case of which is slower by `change`.
std::vector<SimulatedCase> run(const Simulation& simulation, Machine& machine, double change,
                               Begin begin) {
  std::vector<SimulatedCase> cases(static_cast<std::size_t>(simulation.cases));
  cases[0].slower = change;
  std::vector<Evidence*> evidences;
  for (int i = 0; i < simulation.cases; ++i) {
    SimulatedCase& one = cases[static_cast<std::size_t>(i)];
    one.index = i;
    for (int session = 0; session < simulation.sessions; ++session) {
      const double then = machine.shift(i);
      StoredSession& stored = one.evidence.baseline.emplace_back();
      for (int p = 0; p < simulation.baseline_processes / simulation.sessions; ++p)
        stored.durations_s.push_back(machine.process(0, then + machine.process_shift(i)));
    }
    one.shift = machine.shift(i);
    for (int p = 0; p < simulation.processes; ++p) {
      one.evidence.screen_s.push_back(process_of(one, one.slower, machine));
      if (simulation.against == RoundsAgainst::base_build)
        one.evidence.screen_base_s.push_back(process_of(one, 0, machine));
    }
    evidences.push_back(&one.evidence);
  }
  add_session_spread(evidences, simulation.spread);
  if (begin == Begin::screen) {
    conclude_all(cases, simulation);
    // As in cases_to_confirm, a case that the screen alone would prove is measured again, too.
    for (SimulatedCase& one : cases)
      one.in_rounds =
          one.conclusion == Conclusion::unconfirmed || one.conclusion == Conclusion::confirmed ||
          one.conclusion == Conclusion::two_speeds || one.conclusion == Conclusion::faster;
  }
  for (const int look : looks) {
    for (SimulatedCase& one : cases)
      if (one.in_rounds) add_rounds(one, look, simulation.against, machine);
    conclude_all(cases, simulation);
    for (SimulatedCase& one : cases)
      one.in_rounds = one.in_rounds && (one.conclusion == Conclusion::unconfirmed ||
                                        one.conclusion == Conclusion::two_speeds ||
                                        one.conclusion == Conclusion::seems_faster);
  }
  return cases;
}

}  // namespace

FalseCalls false_calls(const Simulation& simulation, unsigned seed, int runs) {
  Machine machine(simulation.noise, seed);
  FalseCalls calls;
  for (int i = 0; i < runs; ++i) {
    const std::vector<SimulatedCase> cases = run(simulation, machine, 0, Begin::screen);
    const auto any = [&](Conclusion conclusion) {
      return std::any_of(cases.begin(), cases.end(),
                         [&](const SimulatedCase& one) { return one.conclusion == conclusion; });
    };
    calls.slower += any(Conclusion::confirmed);
    calls.faster += any(Conclusion::faster);
  }
  return calls;
}

double coverage(const Simulation& simulation, unsigned seed, int runs) {
  Machine machine(simulation.noise, seed);
  int holds = 0, asked = 0;
  for (int i = 0; i < runs; ++i)
    for (const SimulatedCase& one : run(simulation, machine, 0, Begin::screen)) {
      const Estimate found = *estimate(one.evidence);
      ++asked;
      holds += shown_change(one.evidence, found, simulation.criteria).upper >= 0;
    }
  return 100.0 * holds / asked;
}

int found(const Simulation& simulation, double change, Conclusion wanted, Begin begin,
          unsigned seed, int runs) {
  Machine machine(simulation.noise, seed);
  int count = 0;
  for (int i = 0; i < runs; ++i)
    count += run(simulation, machine, change, begin)[0].conclusion == wanted;
  return count;
}
