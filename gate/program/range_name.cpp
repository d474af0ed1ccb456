// SPDX-License-Identifier: Apache-2.0
#include "gate/program/range_name.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "gate/program/case_text.h"

namespace perfgate {

namespace {

constexpr std::string_view number_mark = "{n}";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A name cut at its numbers: texts[0], numbers[0], texts[1], …; there is one text more.
struct CutName {
  std::vector<std::string> texts{""}, numbers;
};

CutName cut(std::string_view name) {
  CutName cut;
  for (std::size_t i = 0; i < name.size();) {
    if (!is_digit(name[i])) {
      cut.texts.back() += name[i++];
      continue;
    }
    std::size_t end = i;
    while (end < name.size() && is_digit(name[end])) ++end;
    cut.numbers.emplace_back(name.substr(i, end - i));
    cut.texts.emplace_back();
    i = end;
  }
  return cut;
}

/// The numbers of all names with the same texts: at each place the number, or "" when it varies.
void merge(std::vector<std::string>& common, const std::vector<std::string>& numbers) {
  for (std::size_t i = 0; i < common.size(); ++i)
    if (common[i] != numbers[i]) common[i].clear();
}

std::string put_together(const CutName& name) {
  std::string out = name.texts.front();
  for (std::size_t i = 0; i < name.numbers.size(); ++i) {
    out += name.numbers[i].empty() ? number_mark : std::string_view(name.numbers[i]);
    out += name.texts[i + 1];
  }
  return out;
}

/// The module's name in a printed dictionary; "" for any other name.
std::string_view module_of(std::string_view name) {
  constexpr std::string_view begin = "{'Module': '";
  if (!name.starts_with(begin)) return "";
  name.remove_prefix(begin.size());
  const std::size_t end = name.find('\'');
  return end == std::string_view::npos ? "" : name.substr(0, end);
}

/// The number behind `layers.` and its like is the layer's; others ("mlp.0") tell modules apart.
std::string module_template(std::string_view module) {
  constexpr std::array<std::string_view, 5> lists{"layers", "layer", "blocks", "block", "h"};
  std::string out;
  std::string_view before;
  while (!module.empty()) {
    const std::string_view word = module.substr(0, module.find('.'));
    const bool counted = std::find(lists.begin(), lists.end(), before) != lists.end() &&
                         !word.empty() && std::all_of(word.begin(), word.end(), is_digit);
    if (!out.empty()) out += '.';
    out += counted ? number_mark : word;
    before = word;
    module.remove_prefix(std::min(module.size(), word.size() + 1));
  }
  return out;
}

/// "1x4096,22016x4096" of all lists of sizes in the text, in their order.
std::string shapes(std::string_view text) {
  std::string all;
  for (std::size_t begin = text.find('['); begin != std::string_view::npos;
       begin = text.find('[', begin + 1)) {
    std::string shape;
    std::size_t i = begin + 1;
    for (; i < text.size() && (is_digit(text[i]) || text[i] == ',' || text[i] == ' '); ++i) {
      if (text[i] == ' ') continue;
      shape += text[i] == ',' ? 'x' : text[i];
    }
    if (i == text.size() || text[i] != ']' || shape.empty()) continue;
    if (!all.empty()) all += ',';
    all += shape;
  }
  return all;
}

std::string dictionary_template(std::string_view name, std::string_view module) {
  std::string out = module_template(module);
  const std::string sizes = shapes(name);
  return sizes.empty() ? out : out + "(" + sizes + ")";
}

}  // namespace

std::map<std::string, std::string> range_templates(std::span<const std::string> names) {
  std::map<std::vector<std::string>, std::vector<std::string>> common;
  for (const std::string& name : names) {
    CutName pieces = cut(name);
    const auto [entry, added] = common.try_emplace(std::move(pieces.texts), pieces.numbers);
    if (!added) merge(entry->second, pieces.numbers);
  }
  std::map<std::string, std::string> templates;
  for (const std::string& name : names) {
    if (templates.contains(name)) continue;
    const std::string_view module = module_of(name);
    CutName pieces = cut(name);
    pieces.numbers = common.at(pieces.texts);
    const std::string text =
        module.empty() ? put_together(pieces) : dictionary_template(name, module);
    templates.emplace(name, case_text(text, longest_range_template));
  }
  return templates;
}

std::optional<std::string> range_template(std::span<const std::string> names) {
  const std::map<std::string, std::string> templates = range_templates(names);
  if (templates.empty()) return std::nullopt;
  const std::string& first = templates.begin()->second;
  const bool one = std::all_of(templates.begin(), templates.end(),
                               [&](const auto& entry) { return entry.second == first; });
  return one ? std::optional(first) : std::nullopt;
}

}  // namespace perfgate
