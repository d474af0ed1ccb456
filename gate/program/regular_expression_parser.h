// SPDX-License-Identifier: Apache-2.0
// The parser of regular_expression.h: recursive descent, which writes instructions as it reads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gate/program/regular_expression.h"

namespace perfgate {

class RegularExpressionParser {
 public:
  explicit RegularExpressionParser(std::string_view text) : m_text(text) {}

  /// Reads the whole text. Throws UsageError.
  void parse();

  std::vector<RegularExpression::Instruction> program;
  std::vector<RegularExpression::Set> sets;

 private:
  using Op = RegularExpression::Op;
  using Set = RegularExpression::Set;
  struct Repeat {
    std::size_t least, most;
  };
  /// What an atom became: its instructions, and where the first one stood.
  struct Fragment {
    std::vector<RegularExpression::Instruction> program;
    std::size_t first;
  };

  void alternatives();
  void sequence();
  void repeated();
  void atom();
  void group();
  void write_copy(const Fragment& fragment);
  void write_repeated(const Fragment& fragment, Repeat repeat);
  [[nodiscard]] bool read_repeat(Repeat& repeat);
  [[nodiscard]] std::size_t number();
  void escape_outside();
  [[nodiscard]] Set escaped_set();
  [[nodiscard]] Set bracket();
  [[nodiscard]] Set bracket_item(bool& single, unsigned char& byte);

  [[nodiscard]] bool at_end() const { return m_at == m_text.size(); }
  [[nodiscard]] bool next_is(char c) const { return !at_end() && m_text[m_at] == c; }
  bool skip(char c);
  std::size_t emit(Op op, std::size_t x = 0, std::size_t y = 0);
  void emit_set(const Set& set);
  [[noreturn]] void fail(const std::string& what) const;

  std::string_view m_text;
  std::size_t m_at = 0, m_depth = 0;
};

}  // namespace perfgate
