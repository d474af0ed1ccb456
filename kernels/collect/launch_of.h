// SPDX-License-Identifier: Apache-2.0
// A traced kernel as the record has it.
#pragma once

#include "gate/record/kernel_launch.h"
#include "kernels/cupti/modules.h"
#include "kernels/cupti/timeline.h"

namespace perfgate {

/// `kernel` as it stands in a record.
KernelLaunch launch_of(const KernelRecord& kernel, const Modules& modules);

}  // namespace perfgate
