// SPDX-License-Identifier: Apache-2.0
// A kernel with two speeds is judged speed by speed, never by the mean of their mixture: the share
// of slow processes is chance, and would be a change of code otherwise.
#pragma once

#include <optional>
#include <string>

#include "gate/judge/evidence.h"

namespace perfgate {

/// Returns the two speeds of a case; empty: it has one. They are looked for among all processes of
/// a side by two_groups(), and count where they are `least_gap` apart or more (a ratio): what is
/// closer matters to no verdict. Speeds that never meet in one session of
/// the baseline, in the screen or in the rounds are none: then sessions differ, and how far they do
/// is in the estimate. A side of too few processes to tell has two speeds where it has a gap like
/// the other one's.
std::optional<TwoSpeeds> find_two_speeds(const Evidence& evidence, double least_gap);

/// Returns the evidence as if all processes had run at the fast speed: what is left of a change is
/// the mean of those at each speed. Where one side has a single speed, as it is.
Evidence at_one_speed(const Evidence& evidence);

/// What the speeds say of a change, as ratios.
struct SpeedChanges {
  double least = 0, most = 0;  ///< of the fast and of the slow speed's
  double slow_p = 1;  ///< the probability of so many slow processes when both sides have as many
};
SpeedChanges speed_changes(const TwoSpeeds& speeds);

/// "two speeds: 15.3 us in 7 processes, 16.2 us in 5; now 15.3 us in 2, 16.2 us in 3".
std::string two_speeds_words(const TwoSpeeds& speeds);

}  // namespace perfgate
