// SPDX-License-Identifier: Apache-2.0
// Has the runner find the variant of each GEMM with which the request's layers are fastest.
#pragma once

#include <string>

#include "gate/measure/measure.h"

namespace perfgate {

struct Tuning {
  Plan plan;          ///< the request's, with the choices in it
  std::string table;  ///< for people, the runner's own
};

/// Measures on the request's GPU, the time-out once for each group of cases. Throws NoVerdict when
/// the runner cannot be started or fails, UsageError when it refuses the request, Interrupted on a
/// signal.
Tuning tune(const MeasureRequest& request);

}  // namespace perfgate
