// Screen and confirmation: by hand, and by simulation of whole runs.
#include "gate/evidence.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "catch.h"

using namespace perfgate;

namespace {

using Values = std::vector<double>;
constexpr Criteria one_percent{0.01, 0.05};
constexpr Criteria shipped{0.008, 0.05};  // configs/perfgate.toml
constexpr double family_alpha = 0.001;

Values scattered(double us, std::size_t n) {
  Values values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(us * (i % 2 ? 1.0005 : 0.9995) * 1e-6);
  return values;
}

Evidence rounds_of(double head_us, double base_us, std::size_t n) {
  return {scattered(10, 12), scattered(10.5, 5), scattered(head_us, n), scattered(base_us, n)};
}

}  // namespace

TEST_CASE("the screen picks, the rounds decide", "[evidence]") {
  const Evidence calm{scattered(10, 12), scattered(10.02, 5)};
  CHECK(conclude(calm, one_percent, false) == Conclusion::ruled_out);
  const Evidence slow{scattered(10, 12), scattered(10.2, 5)};
  CHECK(conclude(slow, one_percent, false) == Conclusion::unconfirmed);
  CHECK(conclude(slow, one_percent, true) == Conclusion::confirmed);
  const Evidence fast{scattered(10, 12), scattered(9.8, 5)};
  CHECK(conclude(fast, one_percent, true) == Conclusion::faster);
  // The rounds alone are looked at once they are there, whatever the screen said.
  CHECK(conclude(rounds_of(10, 10, 6), one_percent, false) == Conclusion::refuted);
  CHECK(conclude(rounds_of(10.2, 10, 6), one_percent, true) == Conclusion::confirmed);
  CHECK(conclude(rounds_of(10.2, 10, 5), one_percent, true) == Conclusion::unconfirmed);
  CHECK(conclude(rounds_of(10.2, 10, 6), one_percent, false) == Conclusion::unconfirmed);
  CHECK(conclude(rounds_of(10.2, 10, 24), one_percent, false) == Conclusion::open);
  // Significant, but smaller than anybody asks about.
  CHECK(conclude(rounds_of(10.05, 10, 24), one_percent, true) == Conclusion::refuted);
}

TEST_CASE("rounds against the base build do not look at the stored baseline", "[evidence]") {
  Evidence evidence = rounds_of(10.2, 10.2, 6);
  CHECK_THAT(estimate(evidence)->effect, WithinAbs(0, 1e-12));
  evidence.rounds_base_s.clear();
  CHECK_THAT(estimate(evidence)->effect, WithinAbs(std::log(1.02), 1e-9));
  evidence.machine = 0.02;  // the sentinels say that the machine is as much slower
  CHECK_THAT(estimate(evidence)->effect, WithinAbs(0, 1e-9));
}

TEST_CASE("looks share the error", "[evidence]") {
  CHECK_THAT(look_alpha(0.003), WithinRel(0.001, 1e-12));
  CHECK_FALSE(estimate({scattered(10, 12), scattered(10, 1)}));
}

namespace {

/// Relative standard deviations: from one invocation to the next, from one process to the next, and
/// of single launches; and how often a launch takes twice as long.
struct Noise {
  double run, process, launch, spikes;
};

class Machine {
 public:
  Machine(Noise noise, unsigned seed) : m_noise(noise), m_random(seed) {}

  /// One case's shift in one invocation.
  double shift() { return m_noise.run * m_normal(m_random); }

  /// A process statistic. The middle half of 200 launches scatters a little more than their mean.
  double process(double slower, double shift) {
    const double launches = m_noise.launch * 1.1 / std::sqrt(200.0) * m_normal(m_random);
    const bool spiky = m_noise.spikes > 0 && m_uniform(m_random) < m_noise.spikes;
    return 10e-6 * (1 + slower) *
           std::exp(shift + m_noise.process * m_normal(m_random) + launches + (spiky ? 0.05 : 0));
  }

 private:
  Noise m_noise;
  std::mt19937 m_random;
  std::normal_distribution<double> m_normal;
  std::uniform_real_distribution<double> m_uniform{0, 1};
};

/// One whole run over ten cases against the base build, the first of them slower by `slower`.
/// Which cases end as confirmed.
std::vector<bool> run(Machine& machine, double slower, bool screen) {
  constexpr std::size_t cases = 10;
  std::vector<Evidence> evidence(cases);
  std::vector<double> shifts;
  const auto slowdown = [&](std::size_t i) { return i == 0 ? slower : 0; };
  for (std::size_t i = 0; i < cases; ++i) {
    const double then = machine.shift();
    shifts.push_back(machine.shift());
    for (int p = 0; p < 12; ++p) evidence[i].baseline_s.push_back(machine.process(0, then));
    for (int p = 0; p < 5; ++p)
      evidence[i].screen_s.push_back(machine.process(slowdown(i), shifts[i]));
  }
  std::vector<Conclusion> conclusions(cases, Conclusion::unconfirmed);
  std::vector<bool> in_rounds(cases, !screen);
  const auto judge = [&] {
    Values p_values;
    for (const Evidence& one : evidence) p_values.push_back(slower_p_value(*estimate(one)));
    const std::vector<bool> proved = holm(p_values, look_alpha(family_alpha));
    for (std::size_t i = 0; i < cases; ++i)
      conclusions[i] = conclude(evidence[i], shipped, proved[i]);
  };
  if (screen) {
    judge();
    // As in cases_to_confirm: what the screen alone would prove is measured again too.
    for (std::size_t i = 0; i < cases; ++i)
      in_rounds[i] =
          conclusions[i] == Conclusion::unconfirmed || conclusions[i] == Conclusion::confirmed;
  }
  for (const int look : looks) {
    for (std::size_t i = 0; i < cases; ++i) {
      if (!in_rounds[i]) continue;
      while (evidence[i].rounds_s.size() < static_cast<std::size_t>(look)) {
        evidence[i].rounds_s.push_back(machine.process(slowdown(i), shifts[i]));
        evidence[i].rounds_base_s.push_back(machine.process(0, shifts[i]));
      }
    }
    judge();
    for (std::size_t i = 0; i < cases; ++i)
      in_rounds[i] = in_rounds[i] && conclusions[i] == Conclusion::unconfirmed;
  }
  std::vector<bool> confirmed;
  for (const Conclusion conclusion : conclusions)
    confirmed.push_back(conclusion == Conclusion::confirmed);
  return confirmed;
}

constexpr Noise calm{0.001, 0.0015, 0.004, 0};
constexpr Noise usual{0.005, 0.004, 0.008, 0};
constexpr Noise wild{0.02, 0.01, 0.015, 0.02};

int alarms(Noise noise, unsigned seed, int runs) {
  Machine machine(noise, seed);
  int count = 0;
  for (int i = 0; i < runs; ++i) {
    const std::vector<bool> confirmed = run(machine, 0, true);
    count += std::find(confirmed.begin(), confirmed.end(), true) != confirmed.end();
  }
  return count;
}

int found(Noise noise, double slower, unsigned seed, int runs) {
  Machine machine(noise, seed);
  int count = 0;
  for (int i = 0; i < runs; ++i) count += run(machine, slower, false)[0];
  return count;
}

}  // namespace

TEST_CASE("simulated runs without a change: no false alarm", "[evidence]") {
  // No alarm in 3000 runs: at most 0.1 % with 95 % confidence (the rule of three).
  CHECK(alarms(calm, 1, 3000) == 0);
  CHECK(alarms(usual, 2, 3000) == 0);
  CHECK(alarms(wild, 3, 3000) == 0);
}

TEST_CASE("simulated slowdowns are found by A/B rounds", "[evidence]") {
  CHECK(found(calm, 0.01, 6, 1000) >= 990);
  CHECK(found(calm, 0.02, 4, 1000) >= 990);
  CHECK(found(usual, 0.02, 5, 1000) >= 950);
}
