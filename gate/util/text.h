// SPDX-License-Identifier: Apache-2.0
// Small functions on text that several rooms need.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

/// How many bytes must be put in, taken out or replaced to make one text the other (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// " (did you mean 'x'?)" for the candidate nearest to `word` by edit distance, or "" when none is
/// near enough to be a typing error, or `word` is longer than 100 bytes. `question` is the wording;
/// its {} is the candidate.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string_view question = "did you mean '{}'?");

/// Shell-style glob: `*` matches any run of characters ('/' too), `?` one character.
bool glob_match(std::string_view pattern, std::string_view text);

/// Whether one of the globs matches.
bool matches_any(const std::vector<std::string>& globs, std::string_view text);

/// Returns the first of the globs that matches none of `texts`; null: each matches something.
const std::string* first_without_match(const std::vector<std::string>& globs,
                                       const std::vector<std::string>& texts);

/// "a, b, c"
std::string join(const std::vector<std::string>& words, std::string_view separator = ", ");

/// "+1.2 %" of the ratio 0.012; a value that rounds to 0 has no sign.
std::string percent(double ratio);

/// `digits` significant digits, never with an exponent: "67.06" of 67.0648 with 4.
std::string significant(double value, int digits);

/// The same of a count, with an SI prefix from 10,000 on: "7.930 M".
std::string significant_count(double count, int digits);

/// "1 case", "3 cases", "2 processes"
std::string count_of(std::size_t count, std::string_view noun);

/// `text` with '?' for every piece that is not UTF-8.
std::string valid_utf8(std::string_view text);

/// `text` without control characters and invalid UTF-8 (each becomes '?'; a newline stays): kernel
/// names and runner logs come from outside and go to terminals and web pages. Marks that turn the
/// direction of text around and other invisible characters become '?' too.
std::string printable(std::string_view text);

/// `text` (valid UTF-8) in at most `bytes` bytes, with an ellipsis where it was cut; it is never
/// cut inside a character.
std::string clipped(std::string_view text, std::size_t bytes);
/// The same by characters (code points), at least one.
std::string clipped_characters(std::string_view text, std::size_t count);

/// The last line that is not blank, made printable: a program that dies says there why.
std::string last_line(std::string_view log);

/// printable(text) on one line: a newline in a log must not look like a line of ours.
std::string one_line(std::string_view text);

/// one_line(text) as text of HTML or XML, or as the value of an attribute.
std::string markup_text(std::string_view text);

}  // namespace perfgate
