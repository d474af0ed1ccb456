// SPDX-License-Identifier: Apache-2.0
#include "gate/report/row_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <set>
#include <string_view>

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

bool moved_alike(const CaseReport& a, const CaseReport& b) {
  if (!a.change || !b.change) return !a.change && !b.change && a.why == b.why;
  return std::abs(a.change->effect - b.change->effect) <=
         std::max(alike_points, alike_ratio * std::abs(a.change->effect));
}

/// The headline is a text that is made for each comparison, so it is compared last.
bool alike(const CaseReport& a, const CaseReport& b) {
  return a.reason == b.reason && moved_alike(a, b) && headline(a) == headline(b);
}

/// Indices of cases in their order, by what they share.
using Sharing = std::map<std::string_view, std::vector<std::size_t>>;

Sharing sharing(const std::vector<const CaseReport*>& cases, std::string CaseReport::*shared) {
  Sharing out;
  for (std::size_t i = 0; i < cases.size(); ++i) out[cases[i]->*shared].push_back(i);
  return out;
}

/// Returns case number `first` and those after it that are like it, out of the sorted `candidates`.
std::vector<const CaseReport*> like(const std::vector<const CaseReport*>& cases, std::size_t first,
                                    const std::vector<std::size_t>& candidates,
                                    const std::set<const CaseReport*>& taken) {
  std::vector<const CaseReport*> out;
  const CaseReport& entry = *cases[first];
  for (auto i = std::lower_bound(candidates.begin(), candidates.end(), first);
       i != candidates.end(); ++i) {
    const CaseReport& other = *cases[*i];
    // In this order changes only get smaller, so behind the first that is too small are no others.
    if (other.verdict() != entry.verdict()) break;
    if (entry.change && !(other.change && moved_alike(entry, other))) break;
    if (alike(entry, other) && !taken.contains(&other)) out.push_back(&other);
  }
  return out;
}

}  // namespace

std::vector<RowGroup> noteworthy_rows(const Report& report) {
  const std::vector<const CaseReport*> cases = noteworthy(report);
  const Sharing of_part = sharing(cases, &CaseReport::part),
                of_group = sharing(cases, &CaseReport::group),
                of_why = sharing(cases, &CaseReport::why);
  std::set<const CaseReport*> taken;
  std::vector<RowGroup> rows;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const CaseReport* entry = cases[i];
    if (taken.contains(entry)) continue;
    RowGroup row{{entry}, entry->id};
    const auto fold = [&](Shared shared, const Sharing& sharing, const std::string& key) {
      std::vector<const CaseReport*> together = like(cases, i, sharing.at(key), taken);
      if (together.size() < std::max(least_folded, row.cases.size() + 1)) return;
      const std::string count = count_of(together.size(), "case");
      row = {std::move(together), shared == Shared::why ? count : fmt::format("{}, {}", key, count),
             shared};
    };
    fold(Shared::part, of_part, entry->part);
    if (!row.folded()) fold(Shared::group, of_group, entry->group);
    if (!entry->change) fold(Shared::why, of_why, entry->why);
    taken.insert(row.cases.begin(), row.cases.end());
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> folded_names(const RowGroup& row) {
  constexpr std::size_t most_named = 8;
  std::vector<std::string> names;
  std::set<std::string_view> seen;
  for (const CaseReport* entry : row.cases) {
    const std::string& name = row.shared == Shared::group ? entry->part : entry->group;
    if (seen.insert(name).second && seen.size() <= most_named) names.push_back(name);
  }
  if (seen.size() > most_named) names.push_back(fmt::format("{} more", seen.size() - most_named));
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
