// SPDX-License-Identifier: Apache-2.0
// What to say when a filter matched no range: which names there were, and what is missing in it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gate/program/range_filter.h"

namespace perfgate {

struct SeenRange {
  std::string domain;  ///< "": the default domain
  std::string name;
  bool push_pop = true;

  bool operator==(const SeenRange&) const = default;
};

struct NearestRanges {
  std::vector<SeenRange> ranges;  ///< the nearest by edit distance, each once, at most ten
  /// A range that the filter would match if it were one of the other kind: only the `/` is missing,
  /// or is one too many.
  bool other_kind = false;
  /// A domain in which a range of the filter's names was seen; "" when there is none. The default
  /// domain is never given: a filter that names a domain meant it.
  std::string other_domain;
};

/// Looks at single names: a filter of several ranges is compared by its last one.
NearestRanges nearest_ranges(const RangeFilter& filter, std::span<const SeenRange> seen);

/// How a filter writes this range: "domain@name/", with its separators escaped.
std::string as_filter(const SeenRange& range);

/// "'x' matches no range: it means start/end ranges, write 'x/' for push/pop ranges; the nearest
/// names: 'a/', 'b/'"
std::string no_match_text(const RangeFilter& filter, const NearestRanges& nearest);

}  // namespace perfgate
