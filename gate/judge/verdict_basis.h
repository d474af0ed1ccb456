// How the verdict on one case's duration came about: every number that it rests on, for whoever
// wants to check it (`--explain`).
#pragma once

#include <cstddef>
#include <string>

#include "gate/judge/conclusion.h"
#include "gate/util/stats.h"

namespace perfgate {

/// One of the two hypotheses that a case is not slower, and not faster by more than the threshold.
struct Chance {
  double p_value = 0;   ///< of the estimate, when the hypothesis is true
  double level = 0;     ///< what Holm's procedure holds the p-value against
  bool proved = false;  ///< the p-value and those below it are within their levels
};

struct VerdictBasis {
  Evidence evidence;
  Estimate estimate;
  Criteria criteria;
  Conclusion conclusion = Conclusion::open;
  Chance slower, faster;
  double alpha = 0;        ///< this look's share of the error, which the cases share in turn
  std::size_t judged = 0;  ///< cases that share the error
  std::string tolerance;   ///< the glob of the tolerance that applies
  std::string why;         ///< and its reason, in the config's words
  double floor_s = 0;      ///< smaller changes are never a regression
  double other_board = 0;  ///< ratio; added to the threshold for another board's baseline
};

}  // namespace perfgate
