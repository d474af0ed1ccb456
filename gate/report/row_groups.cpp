// SPDX-License-Identifier: Apache-2.0
#include "gate/report/row_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "gate/report/report_columns.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

// Changes are alike when they differ by a quarter of the change, or by two points.
constexpr double alike_ratio = 0.25;
constexpr double alike_points = 0.02;

std::vector<const CaseReport*> noteworthy(const Report& report) {
  std::vector<const CaseReport*> out = worst_first(report);
  std::erase_if(out, [](const CaseReport* entry) { return entry->verdict() == Verdict::pass; });
  const auto rank = [](const CaseReport* entry) {
    return std::pair(verdict_info(entry->verdict()).order,
                     entry->change ? -entry->change->effect : INFINITY);
  };
  std::stable_sort(out.begin(), out.end(),
                   [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  return out;
}

bool alike(const CaseReport& a, const CaseReport& b) {
  if (a.reason != b.reason || a.change.has_value() != b.change.has_value()) return false;
  // The numbers come before the texts: of ten thousand cases, every two may be compared.
  if (a.change && !(std::abs(a.change->effect - b.change->effect) <=
                    std::max(alike_points, alike_ratio * std::abs(a.change->effect))))
    return false;
  return (a.change || a.why == b.why) && headline(a) == headline(b);
}

}  // namespace

std::vector<RowGroup> noteworthy_rows(const Report& report) {
  const std::vector<const CaseReport*> cases = noteworthy(report);
  std::set<const CaseReport*> taken;
  std::vector<RowGroup> rows;
  for (const CaseReport* entry : cases) {
    if (taken.contains(entry)) continue;
    RowGroup row{{entry}, entry->id};
    for (const std::string CaseReport::*shared : {&CaseReport::part, &CaseReport::group}) {
      std::vector<const CaseReport*> together;
      for (const CaseReport* other : cases)
        if (!taken.contains(other) && other->*shared == entry->*shared && alike(*entry, *other))
          together.push_back(other);
      if (together.size() < least_folded) continue;
      row.title = fmt::format("{}, {}", entry->*shared, count_of(together.size(), "case"));
      row.cases = std::move(together);
      row.by_part = shared == &CaseReport::part;
      break;
    }
    taken.insert(row.cases.begin(), row.cases.end());
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> folded_names(const RowGroup& row) {
  constexpr std::size_t most_named = 8;
  std::vector<std::string> names;
  for (const CaseReport* entry : row.cases) {
    if (names.size() == most_named) {
      names.push_back(fmt::format("{} more", row.cases.size() - most_named));
      break;
    }
    names.push_back(row.by_part ? entry->group : entry->part);
  }
  return names;
}

std::string change_range(const std::vector<const CaseReport*>& cases) {
  const CaseReport *low = nullptr, *high = nullptr;
  for (const CaseReport* entry : cases) {
    if (!entry->change) continue;
    if (!low || entry->change->effect < low->change->effect) low = entry;
    if (!high || entry->change->effect > high->change->effect) high = entry;
  }
  if (!low) return "";
  const std::string from = change_cell(*low), to = change_cell(*high);
  return from == to ? fmt::format("{} %", to) : fmt::format("{} to {} %", from, to);
}

std::string change_of(const RowGroup& row) {
  return change_range(row.cases);
}

std::vector<PassedGroup> passed_groups(const Report& report) {
  std::vector<PassedGroup> groups;
  for (const CaseReport& entry : report.cases) {
    if (entry.verdict() != Verdict::pass) continue;
    auto found = std::find_if(groups.begin(), groups.end(),
                              [&](const PassedGroup& group) { return group.group == entry.group; });
    if (found == groups.end()) found = groups.insert(groups.end(), {entry.group, {}});
    found->cases.push_back(&entry);
  }
  return groups;
}

}  // namespace perfgate
