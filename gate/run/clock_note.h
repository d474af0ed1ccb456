// SPDX-License-Identifier: Apache-2.0
// Says of a run that its clocks were free, and how far they moved.
#pragma once

#include <string>

#include "gate/record/record.h"

namespace perfgate {

/// Returns the note for a run under the policy observe, with the lowest and the highest SM clock
/// that its processes saw under load; "" for a run whose clocks were asked to hold.
std::string free_clocks_note(const RunRecord& run);

}  // namespace perfgate
