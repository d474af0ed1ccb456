// SPDX-License-Identifier: Apache-2.0
#include "gate/program/range_filter.h"

#include <algorithm>
#include <cstdint>

namespace perfgate {

namespace {

/// Which steps may come next, one bit a step: bit i is set when the steps before i hold. A step of
/// Kind::any may also hold no range, so the step behind it may come next too.
std::uint64_t with_skipped(const RangeFilter& filter, std::uint64_t next) {
  for (std::size_t i = 0; i < filter.steps.size(); ++i)
    if ((next >> i & 1U) != 0 && filter.steps[i].kind == RangeStep::Kind::any)
      next |= std::uint64_t{2} << i;
  return next;
}

/// The same after one more range of the stack.
std::uint64_t advanced(const RangeFilter& filter, std::uint64_t next, std::string_view name) {
  std::uint64_t after = 0;
  for (std::size_t i = 0; i < filter.steps.size(); ++i) {
    if ((next >> i & 1U) == 0) continue;
    const RangeStep& step = filter.steps[i];
    if (step.kind == RangeStep::Kind::any)
      after |= std::uint64_t{1} << i;
    else if (step.kind == RangeStep::Kind::one || step.name.matches(name))
      after |= std::uint64_t{2} << i;
  }
  return after;
}

}  // namespace

bool in_domain(const RangeFilter& filter, std::string_view domain) noexcept {
  return filter.domain ? filter.domain->matches(domain) : domain.empty();
}

bool is_literal(const RangeFilter& filter) {
  return std::all_of(filter.steps.begin(), filter.steps.end(), [](const RangeStep& step) {
    return step.kind != RangeStep::Kind::name || step.name.is_literal();
  });
}

std::optional<std::size_t> match_push_pop(const RangeFilter& filter,
                                          std::span<const OpenRange> stack) noexcept {
  if (!filter.push_pop || stack.empty() || !in_domain(filter, stack.front().domain))
    return std::nullopt;
  const std::uint64_t all = std::uint64_t{1} << filter.steps.size();
  std::optional<std::size_t> matched;
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < stack.size(); ++i) {
    if (i == 0 || !filter.bottom) next |= 1;
    next = advanced(filter, with_skipped(filter, next), stack[i].name);
    if ((next & all) != 0 && (!filter.top || i + 1 == stack.size())) matched = i;
  }
  return matched;
}

bool match_start_end(const RangeFilter& filter, std::span<const OpenRange> open) noexcept {
  return !filter.push_pop &&
         std::all_of(filter.steps.begin(), filter.steps.end(), [&](const RangeStep& step) {
           return std::any_of(open.begin(), open.end(), [&](const OpenRange& range) {
             return in_domain(filter, range.domain) && step.name.matches(range.name);
           });
         });
}

}  // namespace perfgate
