// SPDX-License-Identifier: Apache-2.0
// Regular expressions for names of ranges and kernels, in the part of ECMAScript's syntax that
// needs no memory of what was matched. std::regex is not used: its matcher recurses once a
// character and may throw, and this one runs inside somebody else's process at each NVTX push. The
// price: no back references and no lookaround, which parse() refuses by name.
//
// The expression becomes a program for Thompson's simulation ("Regular Expression Search
// Algorithm", 1968): all alternatives advance together, so the time is at most length x
// instructions, and no expression explodes.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace perfgate {

class RegularExpression {
 public:
  using Set = std::bitset<256>;  ///< the bytes that a class of characters holds
  enum class Op : std::uint8_t { set, split, jump, begin, end, boundary, no_boundary, match };
  /// `x`: the set's index, or the next instruction of a split or jump; `y`: the split's other one.
  struct Instruction {
    Op op;
    std::uint16_t x = 0, y = 0;
  };
  static constexpr std::size_t longest_program = 512;  ///< instructions

  /// Throws UsageError with the place and what was expected there; also for an expression that
  /// becomes longer than longest_program.
  static RegularExpression parse(std::string_view text);

  /// Whether the expression matches somewhere in `text`; `^` and `$` are the text's ends. Bytes are
  /// compared, so a character beyond ASCII counts as several.
  [[nodiscard]] bool found_in(std::string_view text) const noexcept;

 private:
  std::vector<Instruction> m_program{{Op::match}};
  std::vector<Set> m_sets;
};

}  // namespace perfgate
