// SPDX-License-Identifier: Apache-2.0
#include "gate/program/nearest_ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::size_t most_names = 10;
// Names that are printed dictionaries are long, and the distance takes the product of the lengths.
constexpr std::size_t compared_bytes = 200;

struct Ranked {
  std::size_t distance;
  const SeenRange* range;
};

std::size_t distance(std::string_view wanted, std::string_view name) {
  return edit_distance(wanted.substr(0, compared_bytes), name.substr(0, compared_bytes));
}

std::vector<SeenRange> nearest(std::string_view wanted, std::span<const SeenRange> seen) {
  std::vector<Ranked> ranked;
  for (const SeenRange& range : seen) ranked.push_back({distance(wanted, range.name), &range});
  const auto key = [](const Ranked& entry) {
    return std::tie(entry.distance, entry.range->name, entry.range->domain, entry.range->push_pop);
  };
  std::sort(ranked.begin(), ranked.end(),
            [&](const Ranked& a, const Ranked& b) { return key(a) < key(b); });
  std::vector<SeenRange> ranges;
  for (const Ranked& entry : ranked) {
    if (ranges.size() == most_names) break;
    if (ranges.empty() || ranges.back() != *entry.range) ranges.push_back(*entry.range);
  }
  return ranges;
}

/// `text` with a `\` before each character that separates in a filter, and before the mark of an
/// expression.
std::string escaped(std::string_view text) {
  std::string out = text.starts_with("regex:") ? "\\" : "";
  for (const char c : text) {
    if (std::string_view("\\@,[]/*+").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// The filter with its `/` added or taken away.
std::string with_other_kind(const RangeFilter& filter) {
  if (!filter.push_pop) return filter.text + "/";
  return filter.text.ends_with('/') ? filter.text.substr(0, filter.text.size() - 1) : filter.text;
}

}  // namespace

NearestRanges nearest_ranges(const RangeFilter& filter, std::span<const SeenRange> seen) {
  const NamePattern& last = filter.steps.back().name;
  NearestRanges result;
  result.ranges = nearest(last.nearest_literal(), seen);
  for (const SeenRange& range : seen) {
    if (!last.matches(range.name)) continue;
    const bool same_domain = in_domain(filter, range.domain);
    if (same_domain && range.push_pop != filter.push_pop && filter.steps.size() == 1 &&
        !filter.bottom && !filter.top)
      result.other_kind = true;
    if (!same_domain && range.push_pop == filter.push_pop && result.other_domain.empty())
      result.other_domain = range.domain;
  }
  return result;
}

std::string as_filter(const SeenRange& range) {
  std::string text = range.domain.empty() ? "" : escaped(range.domain) + "@";
  text += escaped(range.name);
  return range.push_pop ? text + "/" : text;
}

std::string no_match_text(const RangeFilter& filter, const NearestRanges& nearest) {
  std::string text = fmt::format("'{}' matches no range", one_line(filter.text));
  if (nearest.other_kind)
    text += fmt::format(": {} range has this name; write '{}'",
                        filter.push_pop ? "a start/end" : "a push/pop",
                        one_line(with_other_kind(filter)));
  else if (!nearest.other_domain.empty())
    text += fmt::format(": a range of this name is in the domain '{}'; write '{}@' before it",
                        one_line(nearest.other_domain), one_line(escaped(nearest.other_domain)));
  if (nearest.ranges.empty()) return text;
  std::vector<std::string> names;
  for (const SeenRange& range : nearest.ranges)
    names.push_back(fmt::format("'{}'", one_line(clipped(valid_utf8(as_filter(range)), 80))));
  return fmt::format("{}; the nearest names: {}", text, join(names));
}

}  // namespace perfgate
