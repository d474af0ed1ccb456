// SPDX-License-Identifier: Apache-2.0
// Which NVTX ranges are meant: the filter syntax of Nsight Compute (Nsight Compute CLI, "NVTX
// Filtering"), so that an `ncu --nvtx-include` can be pasted.
//
//   A_range/             inside a push/pop range of this name, anywhere on the thread's stack
//   A_range/B range      B range directly within A_range; the order is from the bottom of the stack
//   A_range/+/B range    exactly one range between the two;   A_range/*/B range   any number, also
//   0 [A_range             A_range is at the bottom of the stack;   A_range]   at its top A_range
//   without any of / [ ] a start/end range;   A,B   both are open domain@A_range/      in this
//   domain; without it, in the default domain regex:D[0-9]@R.*/    domain and names are regular
//   expressions, found anywhere in the name. At the
//                        ends of the ranges' part `/[` and `/]` are the expression's own brackets
//   A_range\[i\]         `\` before one of @ , [ ] / * + \ : a character of the name
//
// Two extensions, on texts that Nsight Compute has no use for: a `*` within a longer name is a glob
// (`my_decode_*_5/`; alone between slashes it stays the quantifier), and `regex:` before a single
// name holds for that name alone (`A_range/regex:B.*/`). In an expression `,` and `/` do not
// separate within [] and {}.
//
// Parsing throws; matching neither throws nor allocates, since it runs at each NVTX push.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gate/program/name_pattern.h"

namespace perfgate {

struct OpenRange {
  std::string_view domain;  ///< "": the default domain
  std::string_view name;
};

/// One step of a filter: a range by name, or the ranges between two others.
struct RangeStep {
  enum class Kind { name, one, any };
  Kind kind = Kind::name;
  NamePattern name{};  ///< of Kind::name only
};

struct RangeFilter {
  std::string text;  ///< as it was written
  bool push_pop = false;
  bool bottom = false, top = false;     ///< [ and ], of push/pop ranges only
  std::optional<NamePattern> domain{};  ///< absent: the default domain
  std::vector<RangeStep> steps{};       ///< the first and the last one are names
};

inline constexpr std::size_t most_range_steps = 32;

/// Throws UsageError that shows the filter, the place and an example.
RangeFilter parse_range_filter(std::string_view text);

/// Index (from the bottom, 0) in `stack` of the range that the filter's last name matches, when the
/// whole filter holds for this stack of one domain and one thread; the innermost one where several
/// do. nullopt otherwise, and for a filter of start/end ranges.
std::optional<std::size_t> match_push_pop(const RangeFilter& filter,
                                          std::span<const OpenRange> stack) noexcept;

/// Whether all ranges that the filter names are among the open start/end ranges of the process;
/// false for a filter of push/pop ranges.
bool match_start_end(const RangeFilter& filter, std::span<const OpenRange> open) noexcept;

bool in_domain(const RangeFilter& filter, std::string_view domain) noexcept;

/// Whether only one name can match: then occurrences are not pooled under a template.
bool is_literal(const RangeFilter& filter);

inline bool is_push_pop(const RangeFilter& filter) {
  return filter.push_pop;
}
inline std::string_view text(const RangeFilter& filter) {
  return filter.text;
}

}  // namespace perfgate
