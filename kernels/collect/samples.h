// From samples to what the record keeps of them.
#pragma once

#include <string>
#include <vector>

#include "gate/record/record.h"
#include "kernels/cupti/modules.h"
#include "kernels/cupti/timeline.h"

namespace perfgate {

using Samples = std::vector<double>;  ///< seconds, in order

/// One case's timing from its samples at each placement.
Timing timing_of(const std::string& case_id, const std::vector<Samples>& placements);

/// `kernel` as it stands in a record.
KernelLaunch launch_of(const KernelRecord& kernel, const Modules& modules);

}  // namespace perfgate
