// SPDX-License-Identifier: Apache-2.0
// One name in a filter: literal, a glob or a regular expression.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/program/regular_expression.h"

namespace perfgate {

class NamePattern {
 public:
  /// `text` as it is, nothing escaped.
  static NamePattern literal(std::string_view text);

  /// `*` is any run of characters, `\` takes the next character as it is. Without an unescaped `*`
  /// the pattern is a literal.
  static NamePattern glob(std::string_view text);

  /// Matches where the expression is found in the name. Throws UsageError.
  static NamePattern regex(std::string_view text);

  [[nodiscard]] bool matches(std::string_view name) const noexcept;

  /// Whether the pattern can match one name only.
  [[nodiscard]] bool is_literal() const { return m_kind == Kind::glob && m_pieces.size() == 1; }

  /// The name of a literal; of others what a name is compared with in "did you mean": a glob
  /// without its `*`, the text of an expression.
  [[nodiscard]] std::string nearest_literal() const;

 private:
  enum class Kind { glob, regex };
  Kind m_kind = Kind::glob;
  std::vector<std::string> m_pieces{""};  ///< what stands between the stars, or the expression
  RegularExpression m_expression;
};

}  // namespace perfgate
