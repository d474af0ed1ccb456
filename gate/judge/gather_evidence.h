// SPDX-License-Identifier: Apache-2.0
// Takes the numbers that a case is judged by out of the run and the baseline.
#pragma once

#include "gate/judge/comparison.h"
#include "gate/judge/evidence.h"

namespace perfgate {

/// Returns the process statistics of both sides. Of the stored sessions those of the run's own
/// board count alone where there are so many that they tell how far sessions differ. How far
/// sessions and boards differ is not in it yet: the other cases tell that, too (session_spread.h);
/// nor are two speeds, which depend on the threshold.
Evidence gather_evidence(const Comparison& comparison, const Case& planned);

}  // namespace perfgate
