// SPDX-License-Identifier: Apache-2.0
// The beat of device memory: moments at a fixed distance at which every load of the GPU waits. It
// was seen on H200s (docs/decisions.md). A probe notes slow loads; this finds the beat in them.
#pragma once

#include <optional>
#include <span>

namespace perfgate {

struct MemoryBeat {
  double period_s = 0;                       ///< between two beats, by least squares
  double period_p5_s = 0, period_p95_s = 0;  ///< quantiles of the distances between neighbours
  double length_s = 0;  ///< median over the beats of how much longer the slowest load took

  bool operator==(const MemoryBeat&) const = default;
};

/// One load that took long.
struct SlowLoad {
  double time_s = 0;    ///< when it came back, since any fixed moment
  double excess_s = 0;  ///< by how much it was longer than a usual load
};

/// Periods that are looked for. Shorter ones leave many beats in a kernel, so that they cannot lock
/// to it; longer ones are too few in a probe of 30 ms.
inline constexpr double shortest_beat_s = 30e-6, longest_beat_s = 500e-6;

/// The chance of a beat in slow loads that come in groups at independent, uniformly random times.
inline constexpr double false_beat_rate = 1e-6;

/// Finds the beat in the slow loads of a probe (any order). Returns none where
///
/// - the heaviest groups of slow loads, at most a thousand, show no period: their periodogram
///   |sum w exp(2 pi i f t)|^2 / sum w^2 (w: the loads of a group, t: its time) is at each
///   frequency exponential with mean 1 when the times are independent and uniform, so it exceeds
///   ln(frequencies / false_beat_rate) anywhere with at most that chance; or
/// - fewer than half of the beats of that period have a group within a twentieth of the period:
/// then
///   not all of the memory waits, or it does so in bursts.
std::optional<MemoryBeat> find_memory_beat(std::span<const SlowLoad> loads);

}  // namespace perfgate
