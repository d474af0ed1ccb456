// SPDX-License-Identifier: Apache-2.0
// Lines of a bounded width, for terminals.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace perfgate {

/// The width of text that goes to no terminal.
inline constexpr std::size_t default_columns = 100;

/// Returns how many columns the text takes: its characters (code points), without colours. `text`
/// is valid UTF-8.
std::size_t columns_of(std::string_view text);

/// `text` with each line that is longer than `columns` broken at spaces, but not between a number
/// and its unit; it continues below with `hanging` more spaces than the line begins with. Where
/// that is not given, "label     text" continues below its text, and any other line has 4. A word
/// that is longer than a line is cut.
std::string wrapped(std::string_view text, std::size_t columns,
                    std::optional<std::size_t> hanging = std::nullopt);

/// `text` in at most `columns` characters: where it is too long its beginning is replaced by an
/// ellipsis, because the end of a case's id names the part.
std::string end_of(std::string_view text, std::size_t columns);

}  // namespace perfgate
