// Small text questions that several rooms ask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

/// " (did you mean 'x'?)" for the candidate nearest to `word` by edit distance, or "" when none is
/// near enough to be a typing error.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// Shell-style glob: `*` matches any run of characters ('/' too), `?` one character.
bool glob_match(std::string_view pattern, std::string_view text);

/// "a, b, c"
std::string join(const std::vector<std::string>& words, std::string_view separator = ", ");

/// "1 case", "3 cases", "2 processes"
std::string count_of(std::size_t count, std::string_view noun);

/// `text` without control characters and invalid UTF-8 (each becomes '?'; a newline stays): kernel
/// names and runner logs come from outside and go to terminals and web pages.
std::string printable(std::string_view text);

}  // namespace perfgate
