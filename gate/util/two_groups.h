// SPDX-License-Identifier: Apache-2.0
// Whether a sample is of one group or of two.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace perfgate {

/// Fewer values than this are never split: two and three of five look like two groups by chance.
inline constexpr std::size_t least_to_split = 8;

/// Splits positive values in two where that explains most of the variance of their logs, at least
/// two on each side, and returns the geometric middle of the gap between the groups; empty: one
/// normal group explains the sample. The statistic is the log of the total over the remaining
/// squares, and its limit is 4.5 standard deviations above its mean for one normal group, both as
/// approximated by Engelman and Hartigan (J. Am. Stat. Assoc. 64 (1969) 1647). Of 10,000 normal
/// samples of 8 to 36 values at most 30 are split (tests/unit/util/two_groups_test.cpp).
std::optional<double> two_groups(std::span<const double> values);

}  // namespace perfgate
