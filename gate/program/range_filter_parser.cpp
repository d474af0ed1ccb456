// SPDX-License-Identifier: Apache-2.0
// The parser of range_filter.h: cut the text at its separators, then read each piece.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gate/program/range_filter.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::string_view regex_mark = "regex:";
constexpr std::size_t npos = std::string_view::npos;

class Parser {
 public:
  explicit Parser(std::string_view text) : m_text(text) {}
  RangeFilter parse();

 private:
  void read_domain(RangeFilter& filter);
  void read_stack_ends(RangeFilter& filter);
  void read_push_pop(RangeFilter& filter);
  void read_start_end(RangeFilter& filter);
  [[nodiscard]] NamePattern name(std::string_view piece) const;
  [[nodiscard]] bool escaped(std::size_t at) const;
  [[nodiscard]] bool is_regex_from(std::size_t at) const;
  [[nodiscard]] std::size_t find(std::string_view wanted, std::size_t at) const;
  [[nodiscard]] std::string_view rest() const { return m_text.substr(m_at, m_end - m_at); }
  [[noreturn]] void fail(std::size_t at, std::string_view what) const;

  std::string_view m_text;
  std::size_t m_at = 0, m_end = 0;  ///< what is not read yet
  bool m_regex = false;             ///< the whole filter is of expressions
};

void Parser::fail(std::size_t at, std::string_view what) const {
  throw UsageError(fmt::format("range filter '{}', character {}: {}",
                               one_line(clipped(valid_utf8(m_text), 200)), at + 1, what));
}

bool Parser::escaped(std::size_t at) const {
  std::size_t slashes = 0;
  while (slashes < at && m_text[at - 1 - slashes] == '\\') ++slashes;
  return slashes % 2 == 1;
}

bool Parser::is_regex_from(std::size_t at) const {
  return m_regex || m_text.substr(at).starts_with(regex_mark);
}

/// The first of the wanted characters in the rest from `at` on that is neither escaped nor, in an
/// expression, within [] or {}; npos without one. `at` is the beginning of a piece.
std::size_t Parser::find(std::string_view wanted, std::size_t at) const {
  const bool regex = is_regex_from(at);
  char closing = '\0';
  for (; at < m_end; ++at) {
    const char c = m_text[at];
    if (c == '\\') {
      ++at;
    } else if (closing != '\0') {
      if (c == closing) closing = '\0';
    } else if (regex && (c == '[' || c == '{')) {
      closing = c == '[' ? ']' : '}';
    } else if (wanted.find(c) != npos) {
      return at;
    }
  }
  return npos;
}

void Parser::read_domain(RangeFilter& filter) {
  const std::size_t at = find("@", m_at);
  if (at == npos) return;
  const std::string_view domain = m_text.substr(m_at, at - m_at);
  if (domain.empty()) fail(at, "no domain before '@'; the default domain has neither: 'A_range/'");
  if (find(",/", m_at) < at)
    fail(at, "one filter has one domain, before its first range: 'domain@A_range/B_range'");
  filter.domain = name(domain);
  m_at = at + 1;
  const std::size_t second = find("@", m_at);
  if (second != npos)
    fail(second, "one filter has one domain: give a filter for each; a '@' of the name is '\\@'");
}

/// Takes `[` and `]` from the ends of the ranges' part.
void Parser::read_stack_ends(RangeFilter& filter) {
  const bool regex = is_regex_from(m_at);
  if (regex && rest().starts_with("/[")) {
    ++m_at;
  } else if (rest().starts_with('[')) {
    filter.bottom = true;
    ++m_at;
  }
  if (rest().ends_with(']') && !escaped(m_end - 1)) {
    // `/]` is an expression's own bracket; its '/' is taken out where the name is read.
    filter.top = !(regex && rest().ends_with("/]"));
    if (filter.top) --m_end;
  }
}

/// A name from its text. In an expression `\` stays, for it means the same there.
NamePattern Parser::name(std::string_view piece) const {
  const auto at = static_cast<std::size_t>(piece.data() - m_text.data());
  if (is_regex_from(at)) {
    if (piece.starts_with(regex_mark)) piece.remove_prefix(regex_mark.size());
    if (piece.empty()) fail(at, "an expression is missing: 'regex:A_[0-9]+/'");
    const bool slashed = piece.ends_with("/]") && at + piece.size() == m_end;
    if (!slashed) return NamePattern::regex(piece);
    return NamePattern::regex(std::string(piece.substr(0, piece.size() - 2)).append("]"));
  }
  if (piece.empty()) fail(at, "a range has a name: 'A_range/B_range'");
  if (piece.back() == '\\' && escaped(at + piece.size()))
    fail(at + piece.size() - 1, "a '\\' of the name itself is '\\\\'");
  for (std::size_t i = 0; i < piece.size(); ++i)
    if ((piece[i] == '[' || piece[i] == ']') && !escaped(at + i))
      fail(at + i, "a bracket within a name is written with a '\\': 'A_range\\[i\\]/'");
  return NamePattern::glob(piece);
}

void Parser::read_push_pop(RangeFilter& filter) {
  const std::size_t comma = find(",", m_at);
  if (comma != npos)
    fail(comma, "',' joins start/end ranges, '/' push/pop ranges; a ',' of the name is '\\,'");
  const bool ends_in_slash = m_end > m_at && m_text[m_end - 1] == '/' && !escaped(m_end - 1);
  if (ends_in_slash && !filter.top) --m_end;
  for (std::size_t begin = m_at;;) {
    const std::size_t end = std::min(find("/", begin), m_end);
    const std::string_view piece = m_text.substr(begin, end - begin);
    if (filter.steps.size() == most_range_steps) fail(begin, "too many ranges");
    const bool quantifier = piece == "*" || piece == "+";
    if (quantifier && (filter.steps.empty() || end == m_end))
      fail(begin,
           "'*' and '+' stand between two ranges: 'A_range/*/B_range'; any range is 'regex:.*/'");
    if (quantifier)
      filter.steps.push_back({piece == "*" ? RangeStep::Kind::any : RangeStep::Kind::one});
    else
      filter.steps.push_back({RangeStep::Kind::name, name(piece)});
    if (end == m_end) return;
    begin = end + 1;
  }
}

void Parser::read_start_end(RangeFilter& filter) {
  for (std::size_t begin = m_at;;) {
    const std::size_t end = std::min(find(",", begin), m_end);
    const std::string_view piece = m_text.substr(begin, end - begin);
    if (filter.steps.size() == most_range_steps) fail(begin, "too many ranges");
    if (piece == "*" || piece == "+")
      fail(begin, "'*' and '+' stand between two push/pop ranges: 'A_range/*/B_range'");
    filter.steps.push_back({RangeStep::Kind::name, name(piece)});
    if (end == m_end) return;
    begin = end + 1;
  }
}

RangeFilter Parser::parse() {
  RangeFilter filter{std::string(m_text)};
  m_end = m_text.size();
  // `regex:` holds for the whole filter, and so do the brackets of its ranges' part.
  m_regex = m_text.starts_with(regex_mark);
  if (m_regex) m_at = regex_mark.size();
  read_domain(filter);
  if (rest().empty()) fail(m_at, "a filter names a range: 'A_range/'");
  read_stack_ends(filter);
  filter.push_pop = filter.bottom || filter.top || find("/", m_at) != npos;
  try {
    filter.push_pop ? read_push_pop(filter) : read_start_end(filter);
  } catch (const UsageError&) {
    if (!m_regex || (!filter.bottom && !filter.top)) throw;
    fail(filter.bottom ? m_at - 1 : m_end,
         "a bracket here means the end of the stack; one of the expression is '/[' or '/]', or "
         "stands before a last '/': 'regex:A_[0-9]/'");
  }
  return filter;
}

}  // namespace

RangeFilter parse_range_filter(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace perfgate
