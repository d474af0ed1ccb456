// SPDX-License-Identifier: Apache-2.0
// How much of a change is the machine's own, measured by two kernels that no user can change.
#pragma once

#include <optional>
#include <string>

#include "gate/record/record.h"
#include "gate/util/stats.h"

namespace perfgate {

/// Returns how much longer (ratio) a case would take now than then because of the machine alone: by
/// the read roof when moving `bytes` in `base_s` reaches at least half of it, else by the FMA roof,
/// which follows the SM clock.
double machine_slowdown(const Sentinels& then, const Sentinels& now,
                        const std::optional<double>& bytes, double base_s);

/// Returns how far off that may be on a board that the baseline does not know: the kernels of an
/// H200 whose read roof was 4.3 % lower than that of the baseline's boards were slower by 0.1
/// to 1.3 times as much (16 cases of 10 us and more; docs/results.md).
Bias scaling_bias(double slowdown);

/// Returns "the machine: read roof -3.0 %, FMA roof -2.9 % ...", or "" when neither roof moved by
/// half a percent. Of another board than the baseline's it says what that costs.
std::string drift_note(const Sentinels& then, const Sentinels& now, bool other_board);

}  // namespace perfgate
