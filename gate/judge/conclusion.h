// The evidence on one case's duration, and what it amounts to: screen first, then confirmation.
//
// The screen compares a run's processes with the stored baseline and is wrong once in twenty: it
// only picks the cases that are worth measuring again. Confirmation looks at nothing but the fresh
// rounds that were measured because of it, so having been picked does not bias them. It looks after
// 6, 12 and 24 rounds; each look may use up a third of the error.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "gate/util/stats.h"

namespace perfgate {

/// After how many rounds the confirmation looks at them.
inline constexpr std::array<int, 3> looks{6, 12, 24};

/// Process statistics of one case, seconds. Head's are those of the build under test.
struct Evidence {
  std::vector<double> baseline_s{};     ///< stored
  std::vector<double> screen_s{};       ///< head
  std::vector<double> rounds_s{};       ///< head
  std::vector<double> rounds_base_s{};  ///< the base build in the same rounds; empty: was not run
  double machine = 0;  ///< how much slower the sentinels say the machine is now, of the durations

  bool has_rounds() const { return rounds_s.size() >= 2; }
  bool against_base_build() const { return has_rounds() && !rounds_base_s.empty(); }
};

/// The rounds against the base build of the same rounds, where it ran; else the rounds, else the
/// screen, against the stored baseline, as if the machine were as fast as then. Empty when there
/// are not two values on each side.
std::optional<Estimate> estimate(const Evidence& evidence);

/// What one case is held against.
struct Criteria {
  double threshold = 0;     ///< ratio; smaller slowdowns are allowed
  double screen_alpha = 0;  ///< one-sided error of the screen and of the bounds that are shown
};

enum class Conclusion {
  faster,        ///< by more than the threshold, and proved
  seems_faster,  ///< by more than the threshold, not proved
  ruled_out,     ///< a slowdown of the threshold is
  unflagged,     ///< none was seen, though one a little above the threshold might not have been
  confirmed,     ///< slower by more than the threshold
  refuted,       ///< flagged by the screen, not borne out by the rounds
  unconfirmed,   ///< more rounds would tell
  open,          ///< after the last look the scatter still leaves both possible
};

/// What the p-values of this case's estimate prove, held against all cases of the run.
struct Proved {
  bool slower = false;
  bool faster = false;  ///< by more than the threshold
};
Conclusion conclude(const Evidence& evidence, const Criteria& criteria, Proved proved);

/// The share of `alpha` that one look may use up.
double look_alpha(double alpha);

}  // namespace perfgate
