// SPDX-License-Identifier: Apache-2.0
// The filters of one measurement together: --nvtx-include and --nvtx-exclude.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "gate/program/range_filter.h"

namespace perfgate {

struct RangeSelection {
  std::vector<RangeFilter> include, exclude;
};

struct SelectedRange {
  std::size_t filter = 0;  ///< index into RangeSelection::include
  std::size_t depth = 0;   ///< index of the range on the stack, 0 at the bottom

  bool operator==(const SelectedRange&) const = default;
};

/// The innermost range on the stack of one domain and thread that an include matches, and the first
/// such include; nullopt when none does or an exclude matches. Filters of start/end ranges are held
/// against `open`, those of the process: such an exclude counts, such an include selects no range
/// of the stack.
std::optional<SelectedRange> select(const RangeSelection& selection,
                                    std::span<const OpenRange> stack,
                                    std::span<const OpenRange> open = {}) noexcept;

/// Index of the first include of start/end ranges that are all open; nullopt when there is none or
/// an exclude matches.
std::optional<std::size_t> select_start_end(const RangeSelection& selection,
                                            std::span<const OpenRange> stack,
                                            std::span<const OpenRange> open) noexcept;

}  // namespace perfgate
