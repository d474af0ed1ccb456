// SPDX-License-Identifier: Apache-2.0
#include "gate/program/thread_ranges.h"

#include <algorithm>

namespace perfgate {

ThreadRanges::Stack& ThreadRanges::stack_of(Domain domain, std::string_view name) {
  const auto found = std::find_if(m_stacks.begin(), m_stacks.end(),
                                  [&](const Stack& stack) { return stack.domain == domain; });
  if (found != m_stacks.end()) return *found;
  Stack& stack = m_stacks.emplace_back();
  stack.domain = domain;
  stack.name = name;
  return stack;
}

ThreadRanges::Range* ThreadRanges::selected(const RangeSelection& selection, Stack& stack) {
  const auto match = select(selection, stack.open);
  return match ? &stack.ranges[match->depth] : nullptr;
}

std::optional<std::string_view> ThreadRanges::push(const RangeSelection& selection, Domain domain,
                                                   std::string_view domain_name,
                                                   std::string_view name) {
  Stack& stack = stack_of(domain, domain_name);
  stack.ranges.push_back({std::string(name), no_occurrence});
  stack.open.push_back({stack.name, stack.ranges.back().name});
  Range* const range = selected(selection, stack);
  stack.current = range != nullptr ? range->occurrence : no_occurrence;
  if (range == nullptr || range->occurrence != no_occurrence) return std::nullopt;
  m_pending_stack = &stack;
  m_pending = range;
  return range->name;
}

void ThreadRanges::opened(std::int64_t occurrence) {
  if (m_pending == nullptr) return;
  m_pending->occurrence = m_pending_stack->current = occurrence;
  m_pending = nullptr;
}

std::optional<std::int64_t> ThreadRanges::pop(const RangeSelection& selection, Domain domain) {
  Stack& stack = stack_of(domain, "");
  if (stack.ranges.empty()) return std::nullopt;
  m_pending = nullptr;
  const std::int64_t ended = stack.ranges.back().occurrence;
  stack.open.pop_back();
  stack.ranges.pop_back();
  const Range* const range = selected(selection, stack);
  stack.current = range != nullptr ? range->occurrence : no_occurrence;
  return ended != no_occurrence ? std::optional(ended) : std::nullopt;
}

std::int64_t ThreadRanges::current() const {
  std::int64_t latest = no_occurrence;  // of two domains, the range that began last
  for (const Stack& stack : m_stacks) latest = std::max(latest, stack.current);
  return latest;
}

std::vector<std::int64_t> ThreadRanges::occurrences() const {
  std::vector<std::int64_t> out;
  for (const Stack& stack : m_stacks)
    for (const Range& range : stack.ranges)
      if (range.occurrence != no_occurrence) out.push_back(range.occurrence);
  return out;
}

std::size_t ThreadRanges::depth(Domain domain) const {
  for (const Stack& stack : m_stacks)
    if (stack.domain == domain) return stack.ranges.size();
  return 0;
}

}  // namespace perfgate
