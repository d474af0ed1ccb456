// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/sequence_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "gate/diagnose/shortest_edit.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

using Names = std::span<const std::string>;
constexpr std::size_t longest_in_phrase = 48;  // characters of a name within a phrase

/// One kind of difference, however often it occurs. `from` is empty: `to` was added; `to` is empty:
/// `from` was removed; both: replaced.
struct Change {
  std::string from, to;
  std::size_t count = 0;
  std::string first_place;  ///< of a replacement: "gemm#3"
};

/// The changes in the order in which they occur first.
class Changes {
 public:
  void add(const std::string& from, const std::string& to, std::string place = "") {
    const auto [entry, added] = m_index.try_emplace({from, to}, m_changes.size());
    if (added) m_changes.push_back({from, to, 0, std::move(place)});
    ++m_changes[entry->second].count;
  }
  [[nodiscard]] const std::vector<Change>& all() const { return m_changes; }

 private:
  std::map<std::pair<std::string, std::string>, std::size_t> m_index;
  std::vector<Change> m_changes;
};

/// "gemm#3" for the element at this index.
std::string place(Names names, std::size_t at) {
  const std::string_view family = operator_family(names[at]);
  if (family == "kernel") return fmt::format("kernel#{}", at + 1);
  const auto number =
      std::count_if(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                    [&](const std::string& name) { return operator_family(name) == family; });
  return fmt::format("{}#{}", family, number);
}

/// Elements of one edit are pairs when they are equally many or all of a kind that is one operator
/// whatever it is called; else they are removed and added (two kernels fused into one).
bool are_pairs(const Edit& edit, Names before, Names after) {
  if (edit.removed == edit.added) return true;
  const std::string_view family = operator_family(before[edit.at_before]);
  const auto same = [&](const std::string& name) { return operator_family(name) == family; };
  const Names from = before.subspan(edit.at_before, edit.removed);
  const Names to = after.subspan(edit.at_after, edit.added);
  return family != "kernel" && std::all_of(from.begin(), from.end(), same) &&
         std::all_of(to.begin(), to.end(), same);
}

void add_edit(Changes& changes, const Edit& edit, Names before, Names after) {
  std::size_t pairs = std::min(edit.removed, edit.added);
  if (pairs > 0 && !are_pairs(edit, before, after)) pairs = 0;
  for (std::size_t i = 0; i < pairs; ++i)
    changes.add(before[edit.at_before + i], after[edit.at_after + i],
                place(before, edit.at_before + i));
  for (std::size_t i = pairs; i < edit.added; ++i) changes.add("", after[edit.at_after + i]);
  for (std::size_t i = pairs; i < edit.removed; ++i) changes.add(before[edit.at_before + i], "");
}

/// The difference of how often each operator occurs.
Changes counted(Names before, Names after) {
  std::map<std::string_view, std::ptrdiff_t> more;
  for (const std::string& name : after) ++more[name];
  for (const std::string& name : before) --more[name];
  Changes changes;
  for (const auto& [name, count] : more)
    for (std::ptrdiff_t i = 0; i < std::max(count, -count); ++i)
      count > 0 ? changes.add("", std::string(name)) : changes.add(std::string(name), "");
  return changes;
}

std::string shown(std::string_view name) {
  return clipped_characters(one_line(name), longest_in_phrase);
}

/// Where two long names differ, "nvjet_…128x64_…" and "nvjet_…64x64_…"; short names as they are.
std::pair<std::string, std::string> shown_pair(const std::string& from, const std::string& to) {
  if (std::max(from.size(), to.size()) <= longest_in_phrase) return {shown(from), shown(to)};
  const auto differ = std::mismatch(from.begin(), from.end(), to.begin(), to.end()).first;
  std::size_t begin = from.rfind('_', static_cast<std::size_t>(differ - from.begin()));
  const std::size_t word = from.find('_');
  if (begin == std::string::npos || word >= begin) return {shown(from), shown(to)};
  ++begin;
  const std::string front = from.substr(0, word + 1) + "\u2026";
  return {shown(front + from.substr(begin)), shown(front + to.substr(std::min(begin, to.size())))};
}

std::string phrase(const Change& change) {
  const std::string count = change.count == 1 ? "one" : fmt::format("{}", change.count);
  if (change.from.empty()) return fmt::format("{} {} more", count, shown(change.to));
  if (change.to.empty()) return fmt::format("{} {} fewer", count, shown(change.from));
  const auto [from, to] = shown_pair(change.from, change.to);
  const std::string others = change.count == 1 ? "" : " and " + count_of(change.count - 1, "other");
  return fmt::format("{}{}: {} \u2192 {}", change.first_place, others, from, to);
}

std::string in_words(const std::vector<Change>& changes, std::size_t most_phrases) {
  std::vector<std::string> phrases;
  for (std::size_t i = 0; i < std::min(most_phrases, changes.size()); ++i)
    phrases.push_back(phrase(changes[i]));
  std::string text = join(phrases, "; ");
  if (changes.size() > phrases.size())
    text += fmt::format("; and {} more", changes.size() - phrases.size());
  return text;
}

}  // namespace

std::string_view operator_family(std::string_view operator_name) {
  struct Family {
    std::string_view part, family;
  };
  // Attention first: its kernels are made of GEMMs and often say so.
  constexpr std::array<Family, 9> families{{{"flash", "attention"},
                                            {"fmha", "attention"},
                                            {"attention", "attention"},
                                            {"attn", "attention"},
                                            {"gemm", "gemm"},
                                            {"gemv", "gemm"},
                                            {"nvjet", "gemm"},
                                            {"cutlass", "gemm"},
                                            {"matmul", "gemm"}}};
  for (const auto& [part, family] : families)
    if (operator_name.find(part) != std::string_view::npos) return family;
  return "kernel";
}

SequenceDifference sequence_difference(Names head, Names baseline, std::size_t most_phrases) {
  if (std::equal(head.begin(), head.end(), baseline.begin(), baseline.end())) return {};
  const auto edits = shortest_edit(baseline, head, most_edits);
  if (edits) {
    Changes changes;
    for (const Edit& edit : *edits) add_edit(changes, edit, baseline, head);
    return {false, in_words(changes.all(), most_phrases)};
  }
  const Changes changes = counted(baseline, head);
  if (changes.all().empty()) return {false, "the same operators in another order"};
  return {false, "counted only, too much differs: " + in_words(changes.all(), most_phrases)};
}

}  // namespace perfgate
