// SPDX-License-Identifier: Apache-2.0
// Which occurrences of a range are used: those after the warm-up whose launches are the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

enum class OccurrenceState { alike, mostly_alike, too_few, inconsistent };
struct OccurrenceStateInfo {
  OccurrenceState state;
  std::string_view id;
  bool conclusive;  ///< false: the range cannot be judged on these occurrences
};
inline constexpr std::array<OccurrenceStateInfo, 4> occurrence_states{{
    {OccurrenceState::alike, "alike", true},
    {OccurrenceState::mostly_alike, "mostly alike", true},
    {OccurrenceState::too_few, "too few", false},
    {OccurrenceState::inconsistent, "inconsistent", false},
}};
constexpr const OccurrenceStateInfo& occurrence_state_info(OccurrenceState state) {
  return occurrence_states[static_cast<std::size_t>(state)];
}

struct OccurrenceChoice {
  OccurrenceState state = OccurrenceState::too_few;
  std::vector<std::size_t> used;     ///< indices of the occurrences to judge; empty: inconclusive
  std::vector<std::size_t> dropped;  ///< after the warm-up, with other launches than the most
  std::string text;                  ///< what to tell the user; "" when all are alike
};

/// `launches`: of each occurrence in order, what it launched, equal where two launched the same
/// (name, grid, block, shared memory, in order). The first `skip` are warm-up, of the next `wanted`
/// those are used that are like the most; where two kinds are equally many, the earlier one.
///
/// Inconclusive with fewer than `skip + wanted` occurrences, and where the used ones would not be
/// more than half: then it would be chance which work is judged. For the text alone: the range's
/// `name`, and how many occurrences of warm-up are not among the given ones.
OccurrenceChoice choose_occurrences(std::string_view name, std::span<const std::uint64_t> launches,
                                    std::size_t skip, std::size_t wanted, std::size_t left_out = 0);

}  // namespace perfgate
