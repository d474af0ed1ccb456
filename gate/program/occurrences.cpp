// SPDX-License-Identifier: Apache-2.0
#include "gate/program/occurrences.h"

#include <fmt/format.h>

#include <map>

#include "gate/util/text.h"

namespace perfgate {

namespace {

std::uint64_t most_frequent(std::span<const std::uint64_t> launches) {
  std::map<std::uint64_t, std::size_t> count;
  for (const std::uint64_t kind : launches) ++count[kind];
  std::uint64_t best = launches.front();
  for (const std::uint64_t kind : launches)
    if (count[kind] > count[best]) best = kind;
  return best;
}

std::string too_few_text(std::string_view name, std::size_t seen, std::size_t skip,
                         std::size_t wanted) {
  std::string text = fmt::format("'{}' occurred {}, {} are needed", one_line(name),
                                 count_of(seen, "time"), skip + wanted);
  if (skip > 0) text += fmt::format(" ({} skipped)", skip);
  return text;
}

}  // namespace

OccurrenceChoice choose_occurrences(std::string_view name, std::span<const std::uint64_t> launches,
                                    std::size_t skip, std::size_t wanted, std::size_t left_out) {
  OccurrenceChoice choice;
  if (wanted == 0 || launches.size() < skip || launches.size() - skip < wanted) {
    choice.text = too_few_text(name, left_out + launches.size(), left_out + skip, wanted);
    return choice;
  }
  const std::span<const std::uint64_t> candidates = launches.subspan(skip, wanted);
  const std::uint64_t majority = most_frequent(candidates);
  for (std::size_t i = 0; i < wanted; ++i)
    (candidates[i] == majority ? choice.used : choice.dropped).push_back(skip + i);
  if (choice.dropped.empty()) {
    choice.state = OccurrenceState::alike;
    return choice;
  }
  const std::string alike = fmt::format("{} of {} alike", choice.used.size(), wanted);
  if (2 * choice.used.size() > wanted) {
    choice.state = OccurrenceState::mostly_alike;
    choice.text = fmt::format("'{}': {}; judged on those", one_line(name), alike);
    return choice;
  }
  choice.state = OccurrenceState::inconsistent;
  choice.text = fmt::format("'{}' is inconsistent: only {}", one_line(name), alike);
  choice.used.clear();
  return choice;
}

}  // namespace perfgate
