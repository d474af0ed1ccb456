// SPDX-License-Identifier: Apache-2.0
#include "gate/record/memory_beat.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numbers>
#include <vector>

#include "gate/util/stats.h"

namespace perfgate {

namespace {

// Loads that waited for the same thing come back together; other slow ones are a microsecond apart.
constexpr double same_group_s = 0.25e-6;
// More groups take longer and tell no more: the beats are among the heaviest.
constexpr std::size_t most_groups = 1000;
// The periodogram is exponential for many groups.
constexpr std::size_t fewest_groups = 30;
// Steps of the frequency in units of 1 / duration: a peak loses at most a fifth of its height.
constexpr double frequency_step = 0.5;
constexpr double near_beat = 0.05;  // of the period
constexpr double seen_share = 0.5;  // of the beats

/// Slow loads that came back together.
struct Group {
  double time_s = 0;    ///< the median of the loads' times, since the first group
  double weight = 0;    ///< the number of loads
  double excess_s = 0;  ///< of the slowest
};

/// Returns the heaviest groups, sorted by time.
std::vector<Group> heaviest_groups(std::span<const SlowLoad> loads) {
  std::vector<SlowLoad> sorted(loads.begin(), loads.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const SlowLoad& a, const SlowLoad& b) { return a.time_s < b.time_s; });
  std::vector<Group> groups;
  for (auto first = sorted.begin(); first != sorted.end();) {
    auto last = first;
    double excess_s = first->excess_s;
    while (last + 1 != sorted.end() && (last + 1)->time_s - last->time_s <= same_group_s)
      excess_s = std::max(excess_s, (++last)->excess_s);
    const auto count = last - first + 1;
    groups.push_back({(first + count / 2)->time_s, static_cast<double>(count), excess_s});
    first = last + 1;
  }
  if (groups.size() > most_groups) {
    const auto end = groups.begin() + most_groups;
    std::nth_element(groups.begin(), end, groups.end(), [](const Group& a, const Group& b) {
      return a.weight != b.weight ? a.weight > b.weight : a.time_s < b.time_s;
    });
    groups.erase(end, groups.end());
    std::sort(groups.begin(), groups.end(),
              [](const Group& a, const Group& b) { return a.time_s < b.time_s; });
  }
  // Small numbers keep the digits of the phases.
  if (!groups.empty())
    for (const double zero_s = groups.front().time_s; Group & group : groups)
      group.time_s -= zero_s;
  return groups;
}

/// The sum of the groups' unit vectors at one frequency, weighted.
struct Phasor {
  double real = 0, imaginary = 0;
  double power() const { return real * real + imaginary * imaginary; }
};

Phasor phasor_at(const std::vector<Group>& groups, double hz) {
  Phasor sum;
  for (const Group& group : groups) {
    const double angle = 2 * std::numbers::pi * hz * group.time_s;
    sum.real += group.weight * std::cos(angle);
    sum.imaginary += group.weight * std::sin(angle);
  }
  return sum;
}

/// Returns the lowest frequency with at least half of the highest power, which must be significant:
/// the multiples of a beat's frequency have nearly as much power as itself.
std::optional<double> significant_hz(const std::vector<Group>& groups, double duration_s) {
  const double step_hz = frequency_step / duration_s;
  const double lowest_hz = 1 / longest_beat_s;
  const auto count =
      static_cast<std::size_t>((1 / shortest_beat_s - 1 / longest_beat_s) / step_hz) + 1;
  std::vector<double> powers(count);
  double squares = 0;
  for (const Group& group : groups) squares += group.weight * group.weight;
  // Each group's unit vector turns by the same angle from one frequency to the next, which is a
  // product of complex numbers and not a call of sine and cosine.
  std::vector<Phasor> sums(count);
  for (const Group& group : groups) {
    const double start = 2 * std::numbers::pi * lowest_hz * group.time_s;
    const double turn = 2 * std::numbers::pi * step_hz * group.time_s;
    double real = group.weight * std::cos(start), imaginary = group.weight * std::sin(start);
    const double turn_real = std::cos(turn), turn_imaginary = std::sin(turn);
    for (Phasor& sum : sums) {
      sum.real += real;
      sum.imaginary += imaginary;
      const double next = real * turn_real - imaginary * turn_imaginary;
      imaginary = real * turn_imaginary + imaginary * turn_real;
      real = next;
    }
  }
  for (std::size_t i = 0; i < count; ++i) powers[i] = sums[i].power() / squares;
  const double highest = *std::max_element(powers.begin(), powers.end());
  if (highest < std::log(static_cast<double>(count) / false_beat_rate)) return std::nullopt;
  auto peak = std::find_if(powers.begin(), powers.end(),
                           [&](double power) { return power >= highest / 2; });
  while (peak + 1 != powers.end() && *(peak + 1) > *peak) ++peak;  // that was its shoulder
  return lowest_hz + step_hz * static_cast<double>(peak - powers.begin());
}

/// Climbs to the top of the peak that `hz` lies on, whose half width is 1 / duration.
double refine_hz(const std::vector<Group>& groups, double hz, double duration_s) {
  for (double step_hz = frequency_step / duration_s / 2; step_hz * duration_s > 1e-4; step_hz /= 2)
    for (const double side : {hz - step_hz, hz + step_hz})
      if (phasor_at(groups, side).power() > phasor_at(groups, hz).power()) {
        hz = side;
        break;
      }
  return hz;
}

/// The heaviest group of each beat, by the beat's number.
std::map<std::int64_t, Group> beats_of(const std::vector<Group>& groups, double hz) {
  const Phasor sum = phasor_at(groups, hz);
  const double first_s = std::atan2(sum.imaginary, sum.real) / (2 * std::numbers::pi * hz);
  std::map<std::int64_t, Group> beats;
  for (const Group& group : groups) {
    const double number = std::round((group.time_s - first_s) * hz);
    if (std::abs((group.time_s - first_s) * hz - number) > near_beat) continue;
    Group& beat = beats[static_cast<std::int64_t>(number)];
    if (group.weight > beat.weight) beat = group;
  }
  return beats;
}

/// The slope of the beats' times over their numbers.
double period_of(const std::map<std::int64_t, Group>& beats) {
  const auto count = static_cast<double>(beats.size());
  double mean_number = 0, mean_s = 0, products = 0, squares = 0;
  for (const auto& [number, beat] : beats) {
    mean_number += static_cast<double>(number) / count;
    mean_s += beat.time_s / count;
  }
  for (const auto& [number, beat] : beats) {
    const double off = static_cast<double>(number) - mean_number;
    products += off * (beat.time_s - mean_s);
    squares += off * off;
  }
  return products / squares;
}

}  // namespace

std::optional<MemoryBeat> find_memory_beat(std::span<const SlowLoad> loads) {
  const std::vector<Group> groups = heaviest_groups(loads);
  if (groups.size() < fewest_groups) return std::nullopt;
  const double duration_s = groups.back().time_s;
  if (duration_s < longest_beat_s) return std::nullopt;
  const std::optional<double> rough_hz = significant_hz(groups, duration_s);
  if (!rough_hz) return std::nullopt;
  const double hz = refine_hz(groups, *rough_hz, duration_s);
  const std::map<std::int64_t, Group> beats = beats_of(groups, hz);
  if (static_cast<double>(beats.size()) < seen_share * duration_s * hz) return std::nullopt;
  std::vector<double> distances_s, lengths_s;
  for (auto beat = beats.begin(); beat != beats.end(); ++beat) {
    lengths_s.push_back(beat->second.excess_s);
    const auto next = std::next(beat);
    if (next != beats.end() && next->first == beat->first + 1)
      distances_s.push_back(next->second.time_s - beat->second.time_s);
  }
  if (distances_s.empty()) return std::nullopt;
  return MemoryBeat{period_of(beats), quantile(distances_s, 0.05), quantile(distances_s, 0.95),
                    median(lengths_s)};
}

}  // namespace perfgate
