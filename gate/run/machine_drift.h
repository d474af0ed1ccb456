// SPDX-License-Identifier: Apache-2.0
// How much of a change is the machine's own, measured by two kernels that no user can change.
#pragma once

#include <optional>
#include <string>
#include <string_view>

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

/// The same on a board that the baseline knows: what its sentinels move by between processes, less
/// than 1 %, is in the sessions' scatter; from 2 % on it is doubted like another board's.
Bias own_board_bias(double slowdown);

/// The same where no sentinels tell how fast that other board is: what the scaling would have been
/// on the board that differed most.
Bias unknown_board_bias();

/// Whether the machine moved so far, by 6 %, that it can be taken out of no duration: boards of one
/// model that were measured differ by less than 5 %, and one board moved by 0.8 %.
bool moved_too_far(double slowdown);

/// Returns what it costs that the baseline does not know the board and that `without`, "this run"
/// or "the baseline", has no sentinels.
std::string unknown_machine_note(std::string_view without);

/// Returns "the machine: read roof -3.0 %, FMA roof -2.9 % ...", or "" when neither roof moved by
/// half a percent. It says what slowdowns can hide in that, where they are of a percent or more.
std::string drift_note(const Sentinels& then, const Sentinels& now, bool own_board);

}  // namespace perfgate
