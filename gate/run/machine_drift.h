// How much of a change is the machine's own, by the two kernels that no user can change.
#pragma once

#include <optional>
#include <string>

#include "gate/record/record.h"

namespace perfgate {

/// How much longer (ratio) a case would take now than then for the machine alone: by the read roof
/// when moving `bytes` in `base_s` was known to be at least half of it, else by the FMA roof, which
/// follows the SM clock.
double machine_slowdown(const Sentinels& then, const Sentinels& now,
                        const std::optional<double>& bytes, double base_s);

/// "the machine: read roof -3.0 %, FMA roof -2.9 % ...", or "" when neither moved by half a
/// percent.
std::string drift_note(const Sentinels& then, const Sentinels& now);

}  // namespace perfgate
