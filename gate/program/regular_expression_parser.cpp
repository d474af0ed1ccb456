// SPDX-License-Identifier: Apache-2.0
#include "gate/program/regular_expression_parser.h"

#include <fmt/format.h>

#include <limits>

#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::size_t deepest_group = 50;
constexpr std::size_t longest_text = 4096;  // bytes; the sets' indices have room for them
constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

RegularExpression::Set bytes(unsigned char first, unsigned char last) {
  RegularExpression::Set set;
  for (unsigned value = first; value <= last; ++value) set.set(value);
  return set;
}

RegularExpression::Set byte(char c) {
  const auto value = static_cast<unsigned char>(c);
  return bytes(value, value);
}

/// The classes that a letter behind a backslash names; empty for every other letter.
RegularExpression::Set named_class(char letter) {
  switch (letter) {
    case 'd':
      return bytes('0', '9');
    case 'w':
      return bytes('0', '9') | bytes('a', 'z') | bytes('A', 'Z') | byte('_');
    case 's':
      return bytes('\t', '\r') | byte(' ');
    case 'D':
    case 'W':
    case 'S':
      return ~named_class(static_cast<char>(letter - 'A' + 'a'));
    default:
      return {};
  }
}

/// The control character that a letter behind a backslash names, or 0.
char control(char letter) {
  constexpr std::string_view letters = "tnvfr", values = "\t\n\v\f\r";
  const std::size_t at = letters.find(letter);
  return at == std::string_view::npos ? '\0' : values[at];
}

bool is_escapable(char c) {
  return named_class('w').test(static_cast<unsigned char>(c));
}

}  // namespace

void RegularExpressionParser::fail(const std::string& what) const {
  throw UsageError(
      fmt::format("regular expression '{}', character {}: {}", one_line(m_text), m_at + 1, what));
}

bool RegularExpressionParser::skip(char c) {
  if (!next_is(c)) return false;
  ++m_at;
  return true;
}

std::size_t RegularExpressionParser::emit(Op op, std::size_t x, std::size_t y) {
  if (program.size() >= RegularExpression::longest_program)
    fail("the expression is too long, or it repeats too much");
  program.push_back({op, static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y)});
  return program.size() - 1;
}

void RegularExpressionParser::emit_set(const Set& set) {
  emit(Op::set, sets.size());
  sets.push_back(set);
}

void RegularExpressionParser::parse() {
  if (m_text.size() > longest_text) fail("the expression is too long");
  alternatives();
  if (!at_end()) fail("a ')' without its '('; a bracket of the name itself is '\\)'");
  emit(Op::match);
}

/// Each alternative but the last is: split to it or to the next one; the alternative; jump behind
/// all of them.
void RegularExpressionParser::alternatives() {
  std::vector<std::size_t> jumps;
  std::size_t begin = program.size();
  sequence();
  while (skip('|')) {
    emit(Op::jump);  // makes room for the split, which must stand before the alternative
    for (std::size_t i = program.size() - 1; i > begin; --i) {
      program[i] = program[i - 1];
      const bool branches = program[i].op == Op::split || program[i].op == Op::jump;
      if (branches && program[i].x >= begin) ++program[i].x;
      if (program[i].op == Op::split && program[i].y >= begin) ++program[i].y;
    }
    jumps.push_back(emit(Op::jump));
    program[begin] = {Op::split, static_cast<std::uint16_t>(begin + 1),
                      static_cast<std::uint16_t>(program.size())};
    begin = program.size();
    sequence();
  }
  for (const std::size_t jump : jumps) program[jump].x = static_cast<std::uint16_t>(program.size());
}

void RegularExpressionParser::sequence() {
  while (!at_end() && !next_is('|') && !next_is(')')) repeated();
}

void RegularExpressionParser::repeated() {
  const std::size_t first = program.size();
  atom();
  Repeat repeat{1, 1};
  if (!read_repeat(repeat)) return;
  skip('?');  // greedy or not, the same texts match
  if (next_is('*') || next_is('+') || next_is('?')) fail("there is nothing to repeat");
  const Fragment fragment{{program.begin() + static_cast<std::ptrdiff_t>(first), program.end()},
                          first};
  program.resize(first);
  write_repeated(fragment, repeat);
}

/// Appends a copy of what an atom became, with its branches moved along.
void RegularExpressionParser::write_copy(const Fragment& fragment) {
  const std::size_t moved = program.size() - fragment.first;
  for (const RegularExpression::Instruction& instruction : fragment.program) {
    const bool branches = instruction.op == Op::split || instruction.op == Op::jump;
    emit(instruction.op, instruction.x + (branches ? moved : 0),
         instruction.y + (instruction.op == Op::split ? moved : 0));
  }
}

void RegularExpressionParser::write_repeated(const Fragment& fragment, Repeat repeat) {
  for (std::size_t i = 0; i < repeat.least; ++i) write_copy(fragment);
  std::vector<std::size_t> splits;
  for (std::size_t i = repeat.least; i < repeat.most; ++i) {
    splits.push_back(emit(Op::split));
    write_copy(fragment);
    if (repeat.most != no_limit) continue;
    emit(Op::jump, splits.back());
    break;
  }
  for (const std::size_t split : splits) {
    program[split].x = static_cast<std::uint16_t>(split + 1);
    program[split].y = static_cast<std::uint16_t>(program.size());
  }
}

std::size_t RegularExpressionParser::number() {
  if (at_end() || m_text[m_at] < '0' || m_text[m_at] > '9')
    fail("expected a number of repetitions; a brace of the name itself is '\\{'");
  std::size_t value = 0;
  for (; !at_end() && m_text[m_at] >= '0' && m_text[m_at] <= '9'; ++m_at) {
    value = 10 * value + static_cast<std::size_t>(m_text[m_at] - '0');
    if (value > RegularExpression::longest_program) fail("repeats too often");
  }
  return value;
}

bool RegularExpressionParser::read_repeat(Repeat& repeat) {
  if (skip('*')) {
    repeat = {0, no_limit};
  } else if (skip('+')) {
    repeat = {1, no_limit};
  } else if (skip('?')) {
    repeat = {0, 1};
  } else if (skip('{')) {
    repeat.least = repeat.most = number();
    if (skip(',')) repeat.most = next_is('}') ? no_limit : number();
    if (!skip('}')) fail("expected '}'");
    if (repeat.most < repeat.least) fail("more at least than at most");
  } else {
    return false;
  }
  return true;
}

void RegularExpressionParser::atom() {
  const char c = m_text[m_at++];
  switch (c) {
    case '(':
      return group();
    case '[':
      return emit_set(bracket());
    case '\\':
      return escape_outside();
    case '.':
      return emit_set(~(byte('\n') | byte('\r')));
    case '^':
      emit(Op::begin);
      return;
    case '$':
      emit(Op::end);
      return;
    case '*':
    case '+':
    case '?':
    case '{':
      --m_at;
      fail("there is nothing to repeat; for the character itself write a '\\' before it");
    case ']':
      --m_at;
      fail("a ']' without its '['; a bracket of the name itself is '\\]'");
    default:
      return emit_set(byte(c));
  }
}

void RegularExpressionParser::group() {
  if (skip('?') && !skip(':')) fail("of the groups with '?' only '(?:' is known");
  if (++m_depth > deepest_group) fail("too many groups within groups");
  alternatives();
  if (!skip(')')) fail("a '(' without its ')'; a bracket of the name itself is '\\('");
  --m_depth;
}

void RegularExpressionParser::escape_outside() {
  if (next_is('b') || next_is('B')) {
    emit(next_is('b') ? Op::boundary : Op::no_boundary);
    ++m_at;
    return;
  }
  emit_set(escaped_set());
}

/// What stands behind a backslash: a class, a control character, or the character itself.
RegularExpressionParser::Set RegularExpressionParser::escaped_set() {
  if (at_end()) fail("ends in a '\\'");
  const char c = m_text[m_at];
  Set set = named_class(c);
  if (set.none() && control(c) != '\0') set = byte(control(c));
  if (set.none() && is_escapable(c) && c != '_') fail("what this '\\' means is not known");
  ++m_at;
  return set.none() ? byte(c) : set;
}

/// One character or class within [...]; `single`: a character, then `byte` is it.
RegularExpressionParser::Set RegularExpressionParser::bracket_item(bool& single,
                                                                   unsigned char& byte_out) {
  if (at_end()) fail("a '[' without its ']'; a bracket of the name itself is '\\['");
  Set set;
  if (skip('\\')) {
    set = escaped_set();
  } else if (next_is('[') && m_at + 1 < m_text.size() &&
             std::string_view(":.=").find(m_text[m_at + 1]) != std::string_view::npos) {
    fail("classes like [:digit:] are not known; write \\d, \\w, \\s or a range");
  } else {
    set = byte(m_text[m_at++]);
  }
  single = set.count() == 1;
  for (unsigned value = 0; single && value < set.size(); ++value)
    if (set.test(value)) byte_out = static_cast<unsigned char>(value);
  return set;
}

RegularExpressionParser::Set RegularExpressionParser::bracket() {
  const bool inverted = skip('^');
  Set set;
  while (!skip(']')) {
    bool single = false;
    unsigned char first = 0;
    const Set item = bracket_item(single, first);
    const bool is_range =
        single && next_is('-') && m_at + 1 < m_text.size() && m_text[m_at + 1] != ']';
    if (!is_range) {
      set |= item;
      continue;
    }
    ++m_at;
    unsigned char last = 0;
    (void)bracket_item(single, last);
    if (!single || last < first) fail("a range of characters that is none");
    set |= bytes(first, last);
  }
  return inverted ? ~set : set;
}

}  // namespace perfgate
