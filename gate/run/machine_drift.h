// SPDX-License-Identifier: Apache-2.0
// How much of a change is the machine's own, measured by two kernels that no user can change.
#pragma once

#include <optional>
#include <string>

#include "gate/record/record.h"

namespace perfgate {

/// Returns how much longer (ratio) a case would take now than then because of the machine alone: by
/// the read roof when moving `bytes` in `base_s` reaches at least half of it, else by the FMA roof,
/// which follows the SM clock.
double machine_slowdown(const Sentinels& then, const Sentinels& now,
                        const std::optional<double>& bytes, double base_s);

/// Returns "the machine: read roof -3.0 %, FMA roof -2.9 % ...", or "" when neither roof moved by
/// half a percent.
std::string drift_note(const Sentinels& then, const Sentinels& now);

}  // namespace perfgate
