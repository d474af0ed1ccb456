// SPDX-License-Identifier: Apache-2.0
// The shortest edit from one sequence to another: Myers's greedy algorithm.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace perfgate {

/// A run of elements that differ, between two that are equal: `removed` elements of `before` from
/// index `at_before` are replaced by `added` elements of `after` from `at_after`; one may be 0.
struct Edit {
  std::size_t at_before = 0, removed = 0, at_after = 0, added = 0;

  bool operator==(const Edit&) const = default;
};

/// In order; empty when the sequences are equal. nullopt when more than `most` elements would have
/// to be removed or added.
std::optional<std::vector<Edit>> shortest_edit(std::span<const std::string> before,
                                               std::span<const std::string> after,
                                               std::size_t most);

}  // namespace perfgate
