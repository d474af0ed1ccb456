// SPDX-License-Identifier: Apache-2.0
#include "gate/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace perfgate {

namespace {

/// Length of the valid UTF-8 sequence at the front of `text`; 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80             ? 1
                             : (first & 0xE0) == 0xC0 ? 2
                             : (first & 0xF0) == 0xE0 ? 3
                             : (first & 0xF8) == 0xF0 ? 4
                                                      : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const bool overlong = (length == 2 && first < 0xC2) ||
                        (length == 3 && first == 0xE0 && byte(1) < 0xA0) ||
                        (length == 4 && first == 0xF0 && byte(1) < 0x90);
  const bool surrogate = length == 3 && first == 0xED && byte(1) >= 0xA0;
  const bool beyond = length == 4 && (first > 0xF4 || (first == 0xF4 && byte(1) >= 0x90));
  return overlong || surrogate || beyond ? 0 : length;
}

/// The code point of a valid UTF-8 character.
char32_t code_point(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0);
  char32_t point = byte(0) & (0xFFU >> (character.size() + 1));
  for (std::size_t i = 1; i < character.size(); ++i) point = (point << 6U) | (byte(i) & 0x3FU);
  return point;
}

/// Whether a character is invisible and changes how its neighbours are read: the bidirectional
/// controls (Unicode TR36, "Bidirectional Text Spoofing"), zero-width and format characters, line
/// and paragraph separators, and the tags that hide a whole message.
bool is_hidden(std::string_view character) {
  struct Range {
    char32_t first, last;
  };
  constexpr std::array<Range, 9> hidden{{{0xAD, 0xAD},
                                         {0x61C, 0x61C},
                                         {0x180E, 0x180E},
                                         {0x200B, 0x200F},
                                         {0x2028, 0x202E},
                                         {0x2060, 0x206F},
                                         {0xFEFF, 0xFEFF},
                                         {0xFFF9, 0xFFFB},
                                         {0xE0000, 0xE007F}}};
  const char32_t point = code_point(character);
  return std::any_of(hidden.begin(), hidden.end(), [&](const Range& range) {
    return range.first <= point && point <= range.last;
  });
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string_view question) {
  // The distance costs the product of both lengths, and no key of ours is this long.
  constexpr std::size_t longest_typed = 100;
  if (word.size() > longest_typed) return "";
  const std::string* best = nullptr;
  // A third of the word may be wrong; more is not a typing error.
  std::size_t best_distance = std::min(std::max<std::size_t>(2, word.size() / 3) + 1, word.size());
  for (const std::string& candidate : candidates) {
    if (candidate.size() > 2 * longest_typed) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = &candidate;
    }
  }
  return best ? fmt::format(" ({})", fmt::format(fmt::runtime(question), *best)) : std::string();
}

bool glob_match(std::string_view pattern, std::string_view text) {
  // The match is greedy with one point of return: linear in practice, never exponential.
  std::size_t p = 0, t = 0, star = std::string_view::npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool matches_any(const std::vector<std::string>& globs, std::string_view text) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return glob_match(glob, text); });
}

const std::string* first_without_match(const std::vector<std::string>& globs,
                                       const std::vector<std::string>& texts) {
  for (const std::string& glob : globs)
    if (std::none_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return glob_match(glob, text); }))
      return &glob;
  return nullptr;
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  return fmt::format("{}", fmt::join(words, separator));
}

std::string percent(double ratio) {
  const double rounded = std::round(1000 * ratio) / 10;
  return rounded == 0 ? "0.0 %" : fmt::format("{:+.1f} %", rounded);
}

std::string significant(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return fmt::format("{:g}", value);
  const int whole = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  return fmt::format("{:.{}f}", value, std::max(0, digits - whole));
}

std::string significant_count(double count, int digits) {
  if (std::abs(count) < 1e4) return fmt::format("{:.{}g}", count, std::max(digits, 4));
  constexpr std::array<std::string_view, 5> prefixes{"k", "M", "G", "T", "P"};
  std::size_t step = 0;
  for (count /= 1e3; std::abs(count) >= 1e3 && step + 1 < prefixes.size(); ++step) count /= 1e3;
  return fmt::format("{} {}", significant(count, digits), prefixes[step]);
}

std::string count_of(std::size_t count, std::string_view noun) {
  const bool hisses = noun.ends_with('s') || noun.ends_with("ch") || noun.ends_with("sh");
  const std::string_view plural = hisses ? "es" : "s";
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : plural);
}

namespace {

/// Returns `text` with '?' for each piece that is no UTF-8 and each character that `refused` names.
template <class Refused>
std::string cleaned(std::string_view text, Refused refused) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(1, length));
    if (length == 0 || refused(character))
      out += '?';
    else
      out.append(character);
    text.remove_prefix(character.size());
  }
  return out;
}

/// Whether a character is a control character other than the newline. Those of C1 are two bytes in
/// UTF-8 and steer terminals too.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first != '\n' && (first < 0x20 || first == 0x7F);
  return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  return cleaned(text, [](std::string_view) { return false; });
}

std::string printable(std::string_view text) {
  return cleaned(text, [](std::string_view character) {
    return is_control(character) || is_hidden(character);
  });
}

std::string clipped(std::string_view text, std::size_t bytes) {
  constexpr std::string_view mark = "\u2026";
  if (text.size() <= bytes) return std::string(text);
  if (bytes < mark.size()) return "";
  std::size_t end = bytes - mark.size();
  // Do not cut inside a character: its later bytes are 10xxxxxx.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)).append(mark);
}

std::string clipped_characters(std::string_view text, std::size_t count) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  if (static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins)) <= count)
    return std::string(text);
  std::size_t end = 0, seen = 0;
  while (end < text.size() && !(begins(text[end]) && seen == count - 1))
    if (begins(text[end++])) ++seen;
  return std::string(text.substr(0, end)).append("\u2026");
}

std::string last_line(std::string_view log) {
  const std::size_t end = log.find_last_not_of(" \n");
  if (end == std::string_view::npos) return "it printed nothing";
  log = log.substr(0, end + 1);
  const std::size_t newline = log.rfind('\n');
  return printable(newline == std::string_view::npos ? log : log.substr(newline + 1));
}

std::string one_line(std::string_view text) {
  std::string line = printable(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

std::string markup_text(std::string_view text) {
  std::string out;
  for (const char c : one_line(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace perfgate
