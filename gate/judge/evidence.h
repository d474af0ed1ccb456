// SPDX-License-Identifier: Apache-2.0
// The numbers that the verdict on one case's duration rests on.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "gate/util/stats.h"

namespace perfgate {

/// The processes of one side, of which those above the boundary ran at the slow speed. A side that
/// has one speed only has it twice.
struct SideSpeeds {
  double boundary_s = 0;           ///< infinite: all processes ran at one speed
  double fast_s = 0, slow_s = 0;   ///< medians
  std::size_t fast = 0, slow = 0;  ///< processes

  bool both() const { return fast > 0 && slow > 0; }
};

/// A kernel that runs at one of two speeds, by chance and from process to process.
struct TwoSpeeds {
  SideSpeeds base, head;
};

/// The process statistics of one case, seconds. Head is the build under test.
struct Evidence {
  std::vector<StoredSession> baseline{};  ///< the stored baseline's, by session
  std::vector<double> screen_s{};         ///< head's
  std::vector<double> screen_base_s{};    ///< the base build's, in pairs with head's
  std::vector<double> rounds_s{};         ///< head's
  std::vector<double> rounds_base_s{};    ///< the base build's, in the same rounds
  Variance session{};  ///< of unchanged code between sessions, of other cases or by the policy
  Variance board{};    ///< what a board that is none of the baseline's adds to that
  Bias scaling{};      ///< of what machine() takes out, against the stored baseline
  std::optional<TwoSpeeds> speeds{};  ///< empty: one speed

  bool has_rounds() const { return rounds_s.size() >= 2; }
  bool against_base_build() const {
    return has_rounds() ? !rounds_base_s.empty() : screen_base_s.size() >= 2;
  }
  std::vector<double> baseline_s() const;  ///< of all sessions
  /// How much slower the sentinels say the machine is now, as a ratio of durations: the mean over
  /// the sessions.
  double machine() const;
};

}  // namespace perfgate
