// SPDX-License-Identifier: Apache-2.0
#include "gate/util/text_wrap.h"

#include <algorithm>
#include <array>

namespace perfgate {

namespace {

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// Returns the length of the colour at the beginning of `text` (ESC [ ... m); 0: there is none.
std::size_t color_length(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find('m');
  return end == std::string_view::npos ? 0 : end + 1;
}

/// Returns how many bytes of `text` fit into `columns`.
std::size_t bytes_within(std::string_view text, std::size_t columns) {
  std::size_t at = 0, seen = 0;
  while (at < text.size()) {
    if (const std::size_t color = color_length(text.substr(at))) {
      at += color;
      continue;
    }
    if (begins_character(text[at]) && seen++ == columns) return at;
    ++at;
  }
  return at;
}

/// Whether the space at `at` is between a number and its unit, which stay on one line.
bool before_unit(std::string_view line, std::size_t at) {
  constexpr std::array<std::string_view, 7> units{"%", "us", "MB", "GB/s", "MHz", "W", "TFLOP/s"};
  if (at == 0 || line[at - 1] < '0' || line[at - 1] > '9') return false;
  const std::string_view word = line.substr(at + 1, line.find(' ', at + 1) - at - 1);
  return std::any_of(units.begin(), units.end(), [&](std::string_view unit) {
    return word.starts_with(unit) &&
           word.substr(unit.size()).find_first_not_of("),;:.") == std::string_view::npos;
  });
}

/// Returns the last space up to `end` at which the line may be broken; npos: there is none.
std::size_t break_before(std::string_view line, std::size_t end) {
  std::size_t at = line.rfind(' ', end);
  while (at != std::string_view::npos && before_unit(line, at))
    at = at == 0 ? std::string_view::npos : line.rfind(' ', at - 1);
  return at;
}

/// Returns where the text of "label     text" begins, so that it continues below itself; else 4.
std::size_t hanging_of(std::string_view line) {
  constexpr std::size_t usual = 4, widest_label = 24;
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  std::size_t gap = line.find("  ", begin), hanging = usual;
  while (gap != std::string_view::npos && gap < begin + widest_label) {
    const std::size_t text = std::min(line.find_first_not_of(' ', gap), line.size());
    hanging = text - begin;
    gap = line.find("  ", text);
  }
  return hanging < 2 * widest_label ? hanging : usual;
}

void add_line(std::string& out, std::string_view line, std::size_t columns, std::size_t hanging) {
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  // An indent that leaves no room would never end.
  const std::size_t indent = std::min(begin + hanging, columns / 2);
  for (std::size_t room = columns, used = begin; columns_of(line) > room;
       room = columns - indent, used = 0) {
    const std::size_t end = bytes_within(line, room);
    std::size_t space = break_before(line, end);
    if (space == std::string_view::npos || space <= used) space = end;
    out.append(line.substr(0, space)).append("\n").append(indent, ' ');
    line.remove_prefix(space);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  }
  out.append(line);
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t color = color_length(text.substr(at));
    if (color == 0 && begins_character(text[at])) ++columns;
    at += std::max<std::size_t>(color, 1);
  }
  return columns;
}

std::string wrapped(std::string_view text, std::size_t columns,
                    std::optional<std::size_t> hanging) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    add_line(out, line, columns, hanging ? *hanging : hanging_of(line));
    if (end < text.size()) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string end_of(std::string_view text, std::size_t columns) {
  const std::size_t all = columns_of(text);
  if (all <= columns) return std::string(text);
  text.remove_prefix(bytes_within(text, all - columns + 1));
  return "\u2026" + std::string(text);
}

}  // namespace perfgate
