// SPDX-License-Identifier: Apache-2.0
// The cases that a reader must look at, as few rows: cases that moved alike are one row.
#pragma once

#include <string>
#include <vector>

#include "gate/report/report.h"

namespace perfgate {

/// What folded cases have in common besides verdict, reason and change. Without a change, as where
/// the whole run is invalid, it may be the sentence on why alone.
enum class Shared { part, group, why };

/// One row: a case, or several of one verdict, reason and cause whose durations moved alike.
struct RowGroup {
  std::vector<const CaseReport*> cases;  ///< the largest change first
  std::string title;                     ///< the case's id, "o_proj, 4 cases" or "44 cases"
  Shared shared = Shared::group;         ///< of folded cases

  const CaseReport& first() const { return *cases.front(); }
  bool folded() const { return cases.size() > 1; }
};

/// Cases that share a part, or a group, are folded from this number on.
inline constexpr std::size_t least_folded = 4;

/// The cases that did not pass: the worst verdicts first, of one verdict the largest change first.
std::vector<RowGroup> noteworthy_rows(const Report& report);

/// Returns the groups, or the parts, of folded cases, each once; the last says how many are left
/// out of many.
std::vector<std::string> folded_names(const RowGroup& row);

/// Returns "+10.2 %", or "+9.8 to +10.4 %" of several; "" without a change.
std::string change_of(const RowGroup& row);

/// The cases that passed, of one group.
struct PassedGroup {
  std::string group;
  std::vector<const CaseReport*> cases;
};
/// In the order of the report.
std::vector<PassedGroup> passed_groups(const Report& report);

/// Returns "-0.3 to +0.4 %" over the cases that have a change; "" when none has.
std::string change_range(const std::vector<const CaseReport*>& cases);

}  // namespace perfgate
