// SPDX-License-Identifier: Apache-2.0
// The conclusion on one case's duration: screen first, then confirmation.
//
// The screen compares a run's processes with the base build's in pairs, or else with the stored
// baseline, and is wrong once in twenty: it only picks the cases that are worth measuring again.
// Confirmation uses only the fresh rounds that were measured because of the screen. Against a base
// build they are independent of it; against the stored baseline they are not, because both are
// compared with the same sessions. It looks after 6, 12 and 24 rounds; each look may use up a third
// of the error, of the proof and of the bounds that are shown.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "gate/judge/evidence.h"
#include "gate/util/stats.h"

namespace perfgate {

/// The numbers of rounds after which the confirmation looks at them.
inline constexpr std::array<int, 3> looks{6, 12, 24};

/// Compares with the base build where it ran: the rounds, or else the screen, in pairs. Else it is
/// estimate_stored(). Two speeds that both sides have are compared speed by speed. Empty when there
/// are not two values on each side.
std::optional<Estimate> estimate(const Evidence& evidence);

/// Compares the rounds, or else the screen, with the stored baseline, corrected for the machine's
/// speed. Empty when there are not two values on each side.
std::optional<Estimate> estimate_stored(const Evidence& evidence);

/// The limits that one case is judged by.
struct Criteria {
  double threshold = 0;     ///< ratio; smaller slowdowns are allowed
  double screen_alpha = 0;  ///< one-sided error of the screen and of the bounds that are shown
};

enum class Conclusion {
  faster,        ///< proved faster by more than the threshold
  seems_faster,  ///< faster by more than the threshold, but not proved
  ruled_out,     ///< a slowdown as large as the threshold is ruled out
  unflagged,  ///< no slowdown was seen, but one slightly above the threshold could have been missed
  confirmed,  ///< slower by more than the threshold
  refuted,    ///< flagged by the screen, but the rounds do not confirm it
  two_speeds,   ///< what the mixture of its two speeds says does not hold at each of them
  unconfirmed,  ///< more rounds could decide
  open,         ///< the scatter leaves both possible, even after the last look
};

/// What the p-values of this case's estimate prove, given all cases of the run.
struct Proved {
  bool slower = false;
  bool faster = false;  ///< faster by more than the threshold
};
Conclusion conclude(const Evidence& evidence, const Criteria& criteria, Proved proved);

/// Returns the estimate as ratios, with the bounds that decide: each look at rounds has its share
/// of the screen's error.
Change shown_change(const Evidence& evidence, const Estimate& estimate, const Criteria& criteria);

/// Returns the error of each of these bounds.
double bound_alpha(const Evidence& evidence, const Criteria& criteria);

/// Returns the share of `alpha` that one look may use up.
double look_alpha(double alpha);

}  // namespace perfgate
