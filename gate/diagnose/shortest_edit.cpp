// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/shortest_edit.h"

#include <algorithm>

namespace perfgate {

namespace {

using Names = std::span<const std::string>;
using Index = std::ptrdiff_t;

/// The furthest place in `before` on each diagonal k = (place in before) - (place in after), from
/// -reach to reach.
struct Front {
  Index reach;
  std::vector<Index> furthest;

  explicit Front(Index edits) : reach(edits), furthest(static_cast<std::size_t>(2 * edits + 1)) {}
  Index& operator[](Index k) { return furthest[static_cast<std::size_t>(k + reach)]; }
};

/// Whether the best way to diagonal k adds an element (comes from k + 1) or removes one.
bool adds(Front& last, Index k, Index edits) {
  return k == -edits || (k != edits && last[k - 1] < last[k + 1]);
}

/// The fronts after 0, 1, 2, … edits, up to the one that reaches both ends.
std::optional<std::vector<Front>> fronts(Names before, Names after, std::size_t most) {
  const auto n = static_cast<Index>(before.size()), m = static_cast<Index>(after.size());
  std::vector<Front> all;
  for (Index edits = 0; edits <= static_cast<Index>(std::min(most, before.size() + after.size()));
       ++edits) {
    Front front(edits + 1);
    for (Index k = -edits; k <= edits; k += 2) {
      Index x = 0;
      if (edits > 0) x = adds(all.back(), k, edits) ? all.back()[k + 1] : all.back()[k - 1] + 1;
      while (x < n && x - k < m &&
             before[static_cast<std::size_t>(x)] == after[static_cast<std::size_t>(x - k)])
        ++x;
      front[k] = x;
      if (x < n || x - k < m) continue;
      all.push_back(std::move(front));
      return all;
    }
    all.push_back(std::move(front));
  }
  return std::nullopt;
}

/// Puts one removed or added element in front of the edits that follow it.
void prepend(std::vector<Edit>& reversed, Index x, Index y, bool added) {
  const auto at = static_cast<std::size_t>(x), at_after = static_cast<std::size_t>(y);
  const Edit step{at, added ? 0U : 1U, at_after, added ? 1U : 0U};
  Edit* last = reversed.empty() ? nullptr : &reversed.back();
  if (last && step.at_before + step.removed == last->at_before &&
      step.at_after + step.added == last->at_after)
    *last = {step.at_before, last->removed + step.removed, step.at_after, last->added + step.added};
  else
    reversed.push_back(step);
}

}  // namespace

std::optional<std::vector<Edit>> shortest_edit(Names before, Names after, std::size_t most) {
  // What is equal at both ends costs no edit and, left out here, no comparison in each front.
  std::size_t same = 0;
  while (same < std::min(before.size(), after.size()) && before[same] == after[same]) ++same;
  before = before.subspan(same);
  after = after.subspan(same);
  while (!before.empty() && !after.empty() && before.back() == after.back()) {
    before = before.first(before.size() - 1);
    after = after.first(after.size() - 1);
  }
  std::optional<std::vector<Front>> found = fronts(before, after, most);
  if (!found) return std::nullopt;
  std::vector<Edit> reversed;
  auto x = static_cast<Index>(before.size()), y = static_cast<Index>(after.size());
  for (auto edits = static_cast<Index>(found->size()) - 1; edits > 0; --edits) {
    Front& last = (*found)[static_cast<std::size_t>(edits - 1)];
    const bool added = adds(last, x - y, edits);
    const Index k = x - y + (added ? 1 : -1);
    x = last[k];
    y = x - k;
    prepend(reversed, x, y, added);
  }
  std::reverse(reversed.begin(), reversed.end());
  for (Edit& edit : reversed) {
    edit.at_before += same;
    edit.at_after += same;
  }
  return reversed;
}

}  // namespace perfgate
