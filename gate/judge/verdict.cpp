// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/verdict.h"

namespace perfgate {

namespace {

// The tables are indexed by their enums; this keeps order and enum from drifting apart.
template <class Table, class Member>
constexpr bool in_enum_order(const Table& table, Member member) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].*member) != i) return false;
  return true;
}
static_assert(in_enum_order(verdicts, &VerdictInfo::verdict));
static_assert(in_enum_order(reasons, &ReasonInfo::reason));

}  // namespace

const VerdictInfo& verdict_info(Verdict verdict) {
  return verdicts[static_cast<std::size_t>(verdict)];
}

const ReasonInfo& reason_info(Reason reason) {
  return reasons[static_cast<std::size_t>(reason)];
}

}  // namespace perfgate
