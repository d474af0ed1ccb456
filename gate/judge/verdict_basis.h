// SPDX-License-Identifier: Apache-2.0
// How the verdict on one case's duration came about: every number behind it, so that readers can
// check it (`--explain`).
#pragma once

#include <cstddef>
#include <string>

#include "gate/judge/conclusion.h"
#include "gate/util/stats.h"

namespace perfgate {

/// One of two hypotheses: the case is not slower; it is not faster by more than the threshold.
struct Chance {
  double p_value = 0;   ///< of the estimate, when the hypothesis is true
  double level = 0;     ///< the limit that Holm's procedure sets for the p-value
  bool proved = false;  ///< this p-value and those below it are within their levels
};

struct VerdictBasis {
  Evidence evidence;
  Estimate estimate;
  Criteria criteria;
  Conclusion conclusion = Conclusion::open;
  Chance slower, faster;
  double alpha = 0;        ///< this look's share of the error; the cases divide it further
  std::size_t judged = 0;  ///< cases that share the error
  std::string tolerance;   ///< the glob of the applied tolerance
  std::string why;         ///< that tolerance's reason, in the config's words
  double floor_s = 0;      ///< smaller changes are never a regression
  double other_board = 0;  ///< ratio; added to the threshold against other boards' baseline
};

}  // namespace perfgate
