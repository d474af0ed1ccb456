// SPDX-License-Identifier: Apache-2.0
// The beat of device memory in slow loads that arithmetic made: a probe of 30 ms on 132 SMs, whose
// slow loads come one by one all the time, and together at a beat.
#include "gate/record/memory_beat.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <vector>

#include "gate/util/stats.h"
#include "tests/support/catch.h"

using namespace perfgate;

namespace {

constexpr double probe_s = 30e-3;

/// The same numbers with every standard library: uniform in [0, 1).
class Random {
 public:
  explicit Random(unsigned seed) : m_engine(seed) {}
  double operator()() { return static_cast<double>(m_engine() >> 11) * 0x1p-53; }
  double exponential(double mean) { return -mean * std::log(1 - (*this)()); }

 private:
  std::mt19937_64 m_engine;
};

/// Adds groups of 1 to `most` loads at exponential distances: a Poisson process.
void add_poisson(std::vector<SlowLoad>& loads, double mean_distance_s, int most, Random& random) {
  for (double s = random.exponential(mean_distance_s); s < probe_s;
       s += random.exponential(mean_distance_s))
    for (int load = static_cast<int>(random() * most); load >= 0; --load)
      loads.push_back({s + 0.1e-6 * random(), 0.1e-6 * random()});
}

struct Beat {
  double period_s = 100.15e-6;
  double length_s = 0.6e-6;
  int loads = 40;       ///< that wait at each beat
  double jitter_s = 0;  ///< each beat is off its place by up to that much, either way
  double missing = 0;   ///< share of the beats that no load saw
  double until_s = probe_s;
};

/// Each load at a beat waits between nothing and the whole of it, and one of them nearly all.
void add_beats(std::vector<SlowLoad>& loads, const Beat& beat, Random& random) {
  for (int number = 0; (number + 0.3) * beat.period_s < beat.until_s; ++number) {
    const double s = (number + 0.3) * beat.period_s + beat.jitter_s * (2 * random() - 1);
    if (random() < beat.missing) continue;
    loads.push_back({s, beat.length_s});
    for (int load = 1; load < beat.loads; ++load)
      loads.push_back({s + 0.05e-6 * random(), beat.length_s * random()});
  }
}

/// A background of one slow load per microsecond, and a beat.
std::optional<MemoryBeat> found(const Beat& beat, unsigned seed) {
  Random random(seed);
  std::vector<SlowLoad> loads;
  add_poisson(loads, 1e-6, 1, random);
  add_beats(loads, beat, random);
  return find_memory_beat(loads);
}

double off(double value, double truth) {
  return std::abs(value / truth - 1);
}

}  // namespace

TEST_CASE("slow loads at random times have no beat", "[memory_beat]") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    Random random(seed);
    std::vector<SlowLoad> single, groups;
    add_poisson(single, 1e-6, 1, random);
    add_poisson(groups, 40e-6, 60, random);
    CHECK_FALSE(find_memory_beat(single));
    CHECK_FALSE(find_memory_beat(groups));
    groups.insert(groups.end(), single.begin(), single.end());
    CHECK_FALSE(find_memory_beat(groups));
  }
}

TEST_CASE("a beat is found with its period, spread and length", "[memory_beat]") {
  for (const double period_s : {40e-6, 100.15e-6, 333e-6}) {
    const auto beat = found({.period_s = period_s}, 1);
    REQUIRE(beat);
    CHECK(off(beat->period_s, period_s) < 1e-3);
    // The loads of a beat come back within 0.05 us.
    CHECK(std::abs(beat->period_p5_s - period_s) < 0.1e-6);
    CHECK(std::abs(beat->period_p95_s - period_s) < 0.1e-6);
    CHECK(off(beat->length_s, 0.6e-6) < 0.05);
  }
}

TEST_CASE("jitter, missing beats and weak ones do not hide it", "[memory_beat]") {
  for (unsigned seed = 0; seed < 5; ++seed) {
    const auto jittered = found({.jitter_s = 2e-6, .missing = 0.3}, seed);
    REQUIRE(jittered);
    CHECK(off(jittered->period_s, 100.15e-6) < 1e-3);
    // Neighbours are 100.15 us apart, off by the sum of two uniform numbers up to 2 us: its 5 %
    // quantile is at -4 + 4 sqrt(0.1) = -2.74 us, known to 0.23 us from 150 of them.
    CHECK(std::abs(jittered->period_p5_s - (100.15e-6 - 2.74e-6)) < 1e-6);
    CHECK(std::abs(jittered->period_p95_s - (100.15e-6 + 2.74e-6)) < 1e-6);
    const auto weak = found({.length_s = 0.2e-6, .loads = 8}, seed);
    REQUIRE(weak);
    CHECK(off(weak->period_s, 100.15e-6) < 1e-3);
    CHECK(off(weak->length_s, 0.2e-6) < 0.05);
  }
}

TEST_CASE("the beat is its fundamental, not a multiple", "[memory_beat]") {
  // Without jitter every multiple of the frequency has the same power; 200 us has two in the band.
  const auto beat = found({.period_s = 200e-6}, 3);
  REQUIRE(beat);
  CHECK(off(beat->period_s, 200e-6) < 1e-3);
}

TEST_CASE("the order of the loads and the moment of zero do not matter", "[memory_beat]") {
  Random random(4);
  std::vector<SlowLoad> loads;
  add_poisson(loads, 1e-6, 1, random);
  add_beats(loads, {}, random);
  const auto beat = find_memory_beat(loads);
  REQUIRE(beat);
  std::reverse(loads.begin(), loads.end());
  for (SlowLoad& load : loads) load.time_s -= 5;
  const auto moved = find_memory_beat(loads);
  REQUIRE(moved);
  CHECK(off(moved->period_s, beat->period_s) < 1e-9);
}

TEST_CASE("a burst of beats in a part of the probe is no beat of the memory", "[memory_beat]") {
  CHECK_FALSE(found({.until_s = probe_s / 3}, 5));
}

TEST_CASE("too few slow loads, or too short a probe, are no beat", "[memory_beat]") {
  CHECK_FALSE(find_memory_beat({}));
  std::vector<SlowLoad> few, short_probe;
  for (int i = 0; i < 20; ++i) few.push_back({i * 100e-6, 1e-6});
  for (int i = 0; i < 400; ++i) short_probe.push_back({i * 1e-6, 1e-6});
  CHECK_FALSE(find_memory_beat(few));
  CHECK_FALSE(find_memory_beat(short_probe));
}
