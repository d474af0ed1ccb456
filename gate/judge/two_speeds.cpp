// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/two_speeds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "gate/util/text.h"
#include "gate/util/two_groups.h"

namespace perfgate {

namespace {

using Values = std::vector<double>;
using Sessions = std::vector<Values>;  ///< the processes that ran beside each other

Values all_of(const Sessions& sessions) {
  Values all;
  for (const Values& one : sessions) all.insert(all.end(), one.begin(), one.end());
  return all;
}

/// Returns a session's durations as if the machine had been then what it is now.
Values durations_now(const StoredSession& session) {
  Values out = session.durations_s;
  for (double& value : out) value *= 1 + session.machine;
  return out;
}

Sessions base_of(const Evidence& evidence) {
  if (evidence.against_base_build()) return {evidence.screen_base_s, evidence.rounds_base_s};
  Sessions out;
  for (const StoredSession& session : evidence.baseline) out.push_back(durations_now(session));
  return out;
}

SideSpeeds speeds_of(const Values& all, double boundary_s) {
  Values fast, slow;
  for (const double value : all) (value > boundary_s ? slow : fast).push_back(value);
  SideSpeeds out{boundary_s, 0, 0, fast.size(), slow.size()};
  out.fast_s = median(fast.empty() ? slow : fast);
  out.slow_s = median(slow.empty() ? fast : slow);
  return out;
}

/// Returns where these processes part, if they do so within some session.
std::optional<double> boundary_of(const Sessions& sessions, double least_gap) {
  const auto boundary = two_groups(all_of(sessions));
  if (!boundary) return std::nullopt;
  const SideSpeeds speeds = speeds_of(all_of(sessions), *boundary);
  if (speeds.slow_s < (1 + least_gap) * speeds.fast_s) return std::nullopt;
  for (const Values& one : sessions) {
    const auto [least, most] = std::minmax_element(one.begin(), one.end());
    if (least != one.end() && *least < boundary.value() && boundary.value() < *most)
      return boundary;
  }
  return std::nullopt;
}

/// Returns the middle of the widest gap between these processes, if it is half as wide at least as
/// that between the two speeds of the other side; else infinity.
double widest_gap(Values all, const SideSpeeds& other) {
  std::sort(all.begin(), all.end());
  double widest = std::sqrt(other.slow_s / other.fast_s);
  double boundary_s = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i] / all[i - 1] < widest) continue;
    widest = all[i] / all[i - 1];
    boundary_s = std::sqrt(all[i] * all[i - 1]);
  }
  return boundary_s;
}

void scale_slow(Values& values, double boundary_s, double factor, double machine = 0) {
  for (double& value : values)
    if (value * (1 + machine) > boundary_s) value *= factor;
}

std::string side_words(const SideSpeeds& side) {
  const auto one = [](double seconds, std::size_t processes) {
    return fmt::format("{:.4g} us in {}", seconds * 1e6, processes);
  };
  if (!side.both()) return one(side.fast > 0 ? side.fast_s : side.slow_s, side.fast + side.slow);
  return one(side.fast_s, side.fast) + ", " + one(side.slow_s, side.slow);
}

}  // namespace

std::optional<TwoSpeeds> find_two_speeds(const Evidence& evidence, double least_gap) {
  const Sessions base = base_of(evidence), head{evidence.screen_s, evidence.rounds_s};
  const Values base_s = all_of(base), head_s = all_of(head);
  if (base_s.empty() || head_s.empty()) return std::nullopt;
  const auto base_boundary = boundary_of(base, least_gap),
             head_boundary = boundary_of(head, least_gap);
  if (!base_boundary && !head_boundary) return std::nullopt;
  constexpr double none = std::numeric_limits<double>::infinity();
  SideSpeeds base_speeds = speeds_of(base_s, base_boundary.value_or(none)),
             head_speeds = speeds_of(head_s, head_boundary.value_or(none));
  // Too few processes to prove two speeds may well have those of the other side.
  if (!base_boundary && base_s.size() < least_to_split)
    base_speeds = speeds_of(base_s, widest_gap(base_s, head_speeds));
  if (!head_boundary && head_s.size() < least_to_split)
    head_speeds = speeds_of(head_s, widest_gap(head_s, base_speeds));
  return TwoSpeeds{base_speeds, head_speeds};
}

Evidence at_one_speed(const Evidence& evidence) {
  if (!evidence.speeds || !evidence.speeds->base.both() || !evidence.speeds->head.both())
    return evidence;
  const auto& [base, head] = *evidence.speeds;
  const double factor = base.fast_s / base.slow_s;
  Evidence out = evidence;
  if (evidence.against_base_build()) {
    scale_slow(out.screen_base_s, base.boundary_s, factor);
    scale_slow(out.rounds_base_s, base.boundary_s, factor);
  } else {
    for (StoredSession& session : out.baseline)
      scale_slow(session.durations_s, base.boundary_s, factor, session.machine);
  }
  scale_slow(out.screen_s, head.boundary_s, factor);
  scale_slow(out.rounds_s, head.boundary_s, factor);
  return out;
}

SpeedChanges speed_changes(const TwoSpeeds& speeds) {
  const auto& [base, head] = speeds;
  const double fast = head.fast_s / base.fast_s - 1, slow = head.slow_s / base.slow_s - 1;
  SpeedChanges out{std::min(fast, slow), std::max(fast, slow), 1};
  if (base.both() && head.both())
    out.slow_p =
        more_often_p_value({base.slow, base.slow + base.fast}, {head.slow, head.slow + head.fast});
  return out;
}

std::string two_speeds_words(const TwoSpeeds& speeds) {
  return fmt::format("two speeds: {} processes; now {}", side_words(speeds.base),
                     side_words(speeds.head));
}

}  // namespace perfgate
