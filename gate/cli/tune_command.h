// SPDX-License-Identifier: Apache-2.0
// Finds the GEMM kernels with which the built-in layer is fastest on this GPU.
#pragma once

#include <vector>

#include "gate/cli/command.h"
#include "gate/cli/session.h"

namespace perfgate {

/// Measures the variants of each GEMM of the request's plan, and returns the plan's choices. Prints
/// the table of what was found.
std::vector<GemmChoice> measure_tuning(const MeasureRequest& request,
                                       const MeasuringOptions& options);

Action prepare_tune(CommandParser& parser);

}  // namespace perfgate
