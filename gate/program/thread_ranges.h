// SPDX-License-Identifier: Apache-2.0
// The push/pop ranges of one thread, and which of them are occurrences of a wanted range. NVTX
// nests these ranges by thread and by domain: NCCL, for one, pushes in a domain of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/program/range_selection.h"

namespace perfgate {

inline constexpr std::int64_t no_occurrence = -1;

class ThreadRanges {
 public:
  using Domain = std::uintptr_t;  ///< NVTX's handle; 0: the default domain

  /// Pushes a range. Returns its name, or that of the range below it, with which an occurrence
  /// begins; the caller then gives it a number by opened(). Nothing begins while the range that the
  /// filter means is an open occurrence already.
  std::optional<std::string_view> push(const RangeSelection& selection, Domain domain,
                                       std::string_view domain_name, std::string_view name);

  /// The number of the occurrence that the last push() began.
  void opened(std::int64_t occurrence);

  /// Pops the last range of the domain. Returns the number of the occurrence that ends with it.
  /// A pop without a push is the program's mistake, and changes nothing.
  std::optional<std::int64_t> pop(const RangeSelection& selection, Domain domain);

  /// The occurrence to which a launch of this thread belongs now, or no_occurrence. A range that is
  /// open but that the filter does not match at this moment (`A]` under another range) has none.
  std::int64_t current() const;

  /// The occurrences that are open.
  std::vector<std::int64_t> occurrences() const;

  /// How many ranges of the domain are open.
  std::size_t depth(Domain domain) const;

 private:
  struct Range {
    std::string name;
    std::int64_t occurrence = no_occurrence;
  };
  struct Stack {
    Domain domain = 0;
    std::string name;
    std::deque<Range> ranges;     ///< a deque: the views below stay valid
    std::vector<OpenRange> open;  ///< what the filters see of them
    std::int64_t current = no_occurrence;
  };
  Stack& stack_of(Domain domain, std::string_view name);
  static Range* selected(const RangeSelection& selection, Stack& stack);

  std::deque<Stack> m_stacks;
  Stack* m_pending_stack = nullptr;  ///< of the occurrence that waits for its number
  Range* m_pending = nullptr;
};

}  // namespace perfgate
