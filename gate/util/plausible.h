// SPDX-License-Identifier: Apache-2.0
// Which numbers a file may hold.
#pragma once

#include <cmath>
#include <string_view>

namespace perfgate {

/// 0, or between 1e-100 and 1e100 in size. No unit here needs more, and a number within these
/// bounds can be squared, divided by another and summed up without becoming infinite, losing its
/// digits or leaving the domain of a distribution.
inline bool is_plausible(double value) {
  const double size = std::abs(value);
  return size == 0 || (size >= 1e-100 && size <= 1e100);
}

inline constexpr std::string_view plausible_wanted =
    "expected a finite number: 0, or from 1e-100 to 1e100 in size";

/// Whether a device may have this speed, in bytes or operations a second: from a megabyte to an
/// exabyte. The ratio of two such speeds less 1 keeps its digits, so it can be added to a duration.
inline bool is_device_speed(double per_s) {
  return per_s >= 1e6 && per_s <= 1e18;
}

}  // namespace perfgate
