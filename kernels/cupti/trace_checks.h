// SPDX-License-Identifier: Apache-2.0
// Whether a trace is evidence, and what its records say in SI units.
#pragma once

#include <cstddef>

#include "kernels/cupti/timeline.h"

namespace perfgate {

double duration_s(const KernelRecord& kernel);

/// Throws DeviceError when records were dropped or are not as many as were launched.
void require_whole(const Trace& trace, std::size_t kernels, std::size_t graphs);

}  // namespace perfgate
