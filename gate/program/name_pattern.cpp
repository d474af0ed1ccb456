// SPDX-License-Identifier: Apache-2.0
#include "gate/program/name_pattern.h"

#include <algorithm>

#include "gate/util/text.h"

namespace perfgate {

NamePattern NamePattern::literal(std::string_view text) {
  NamePattern pattern;
  pattern.m_pieces.front() = text;
  return pattern;
}

NamePattern NamePattern::glob(std::string_view text) {
  NamePattern pattern;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '*') {
      pattern.m_pieces.emplace_back();
      continue;
    }
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    pattern.m_pieces.back() += text[i];
  }
  return pattern;
}

NamePattern NamePattern::regex(std::string_view text) {
  NamePattern pattern;
  pattern.m_kind = Kind::regex;
  pattern.m_expression = RegularExpression::parse(text);
  pattern.m_pieces.front() = text;
  return pattern;
}

bool NamePattern::matches(std::string_view name) const noexcept {
  if (m_kind == Kind::regex) return m_expression.found_in(name);
  const std::string& first = m_pieces.front();
  const std::string& last = m_pieces.back();
  if (m_pieces.size() == 1) return name == first;
  if (name.size() < first.size() + last.size() || !name.starts_with(first) || !name.ends_with(last))
    return false;
  name = name.substr(first.size(), name.size() - first.size() - last.size());
  // Between them the pieces stand in order; the first place of each is the best one.
  return std::all_of(m_pieces.begin() + 1, m_pieces.end() - 1, [&](const std::string& piece) {
    const std::size_t at = name.find(piece);
    if (at == std::string_view::npos) return false;
    name.remove_prefix(at + piece.size());
    return true;
  });
}

std::string NamePattern::nearest_literal() const {
  return join(m_pieces, "");
}

}  // namespace perfgate
