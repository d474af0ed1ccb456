// SPDX-License-Identifier: Apache-2.0
#include "gate/program/range_selection.h"

#include <algorithm>

namespace perfgate {

namespace {

bool excluded(const RangeSelection& selection, std::span<const OpenRange> stack,
              std::span<const OpenRange> open) {
  return std::any_of(selection.exclude.begin(), selection.exclude.end(),
                     [&](const RangeFilter& filter) {
                       return match_push_pop(filter, stack) || match_start_end(filter, open);
                     });
}

}  // namespace

std::optional<SelectedRange> select(const RangeSelection& selection,
                                    std::span<const OpenRange> stack,
                                    std::span<const OpenRange> open) noexcept {
  std::optional<SelectedRange> best;
  for (std::size_t i = 0; i < selection.include.size(); ++i) {
    const std::optional<std::size_t> depth = match_push_pop(selection.include[i], stack);
    if (depth && (!best || *depth > best->depth)) best = {i, *depth};
  }
  // Most pushes match no include, so the excludes are asked last.
  return best && !excluded(selection, stack, open) ? best : std::nullopt;
}

std::optional<std::size_t> select_start_end(const RangeSelection& selection,
                                            std::span<const OpenRange> stack,
                                            std::span<const OpenRange> open) noexcept {
  for (std::size_t i = 0; i < selection.include.size(); ++i)
    if (match_start_end(selection.include[i], open))
      return excluded(selection, stack, open) ? std::nullopt : std::optional(i);
  return std::nullopt;
}

}  // namespace perfgate
