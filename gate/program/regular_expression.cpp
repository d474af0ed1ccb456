// SPDX-License-Identifier: Apache-2.0
#include "gate/program/regular_expression.h"

#include <array>
#include <utility>

#include "gate/program/regular_expression_parser.h"

namespace perfgate {

namespace {

using Op = RegularExpression::Op;
using Instruction = RegularExpression::Instruction;

bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool at_boundary(std::string_view text, std::size_t at) {
  return (at > 0 && is_word_character(text[at - 1])) !=
         (at < text.size() && is_word_character(text[at]));
}

/// The instructions at which the simulation stands: those that take a byte, and whether one of them
/// was the match.
struct States {
  std::array<std::uint16_t, RegularExpression::longest_program> at;
  std::size_t count = 0;
  std::bitset<RegularExpression::longest_program> seen;
  bool matched = false;
};

/// Whether an assertion holds at this place of the text.
bool holds(Op op, std::string_view text, std::size_t at) {
  switch (op) {
    case Op::begin:
      return at == 0;
    case Op::end:
      return at == text.size();
    case Op::boundary:
      return at_boundary(text, at);
    case Op::no_boundary:
      return !at_boundary(text, at);
    default:
      return false;
  }
}

/// Adds instruction `first` and everything that is reached from it without taking a byte.
void add(States& states, std::size_t first, const std::vector<Instruction>& program,
         std::string_view text, std::size_t at) {
  // An instruction is marked before it is put on the stack, so the stack never overflows.
  std::array<std::uint16_t, RegularExpression::longest_program> stack;
  std::size_t depth = 0;
  const auto push = [&](std::size_t index) {
    if (states.seen.test(index)) return;
    states.seen.set(index);
    stack[depth++] = static_cast<std::uint16_t>(index);
  };
  push(first);
  while (depth > 0) {
    const std::uint16_t index = stack[--depth];
    const Instruction& instruction = program[index];
    switch (instruction.op) {
      case Op::set:
        states.at[states.count++] = index;
        break;
      case Op::match:
        states.matched = true;
        break;
      case Op::split:
        push(instruction.y);
        [[fallthrough]];
      case Op::jump:
        push(instruction.x);
        break;
      default:
        if (holds(instruction.op, text, at)) push(index + std::size_t{1});
    }
  }
}

}  // namespace

RegularExpression RegularExpression::parse(std::string_view text) {
  RegularExpressionParser parser(text);
  parser.parse();
  RegularExpression expression;
  expression.m_program = std::move(parser.program);
  expression.m_sets = std::move(parser.sets);
  return expression;
}

bool RegularExpression::found_in(std::string_view text) const noexcept {
  States one, other;
  States *now = &one, *next = &other;
  const bool anchored = m_program.front().op == Op::begin;
  for (std::size_t at = 0;; ++at) {
    if (at == 0 || !anchored) add(*now, 0, m_program, text, at);  // the match may begin here too
    if (now->matched) return true;
    if (at == text.size() || (anchored && now->count == 0)) return false;
    next->count = 0;
    next->seen.reset();
    for (std::size_t i = 0; i < now->count; ++i)
      if (m_sets[m_program[now->at[i]].x].test(static_cast<unsigned char>(text[at])))
        add(*next, now->at[i] + std::size_t{1}, m_program, text, at + 1);
    std::swap(now, next);
  }
}

}  // namespace perfgate
