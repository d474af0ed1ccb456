// SPDX-License-Identifier: Apache-2.0
#include "gate/util/text.h"

#include "tests/support/catch.h"

using namespace perfgate;

TEST_CASE("significant digits come without an exponent", "[text]") {
  CHECK(significant(67.0648, 4) == "67.06");
  CHECK(significant(123456.7, 4) == "123457");
  CHECK(significant(0.009472, 3) == "0.00947");
  CHECK(significant(0, 4) == "0");
  CHECK(significant_count(2200, 4) == "2200");
  CHECK(significant_count(7929860, 4) == "7.930 M");
  CHECK(significant_count(1600260, 6) == "1.60026 M");
  CHECK(significant_count(99, 4) == "99");
}

TEST_CASE("a typing error finds its word", "[text]") {
  const std::vector<std::string> known{"processes", "samples", "seed"};
  CHECK(did_you_mean("proceses", known) == " (did you mean 'processes'?)");
  CHECK(did_you_mean("sample", known) == " (did you mean 'samples'?)");
  CHECK(did_you_mean("sede", known) == " (did you mean 'seed'?)");
  CHECK(did_you_mean("temperature", known).empty());
  CHECK(did_you_mean("seed", {}).empty());
  // The nearest word wins, not the first: a1000 is one letter from a100, two from a10.
  CHECK(did_you_mean("a1000", {"a10", "a100"}) == " (did you mean 'a100'?)");
}

TEST_CASE("edit distance", "[text]") {
  CHECK(edit_distance("kitten", "sitting") == 3);  // the usual example: two replaced, one put in
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("abc", "abc") == 0);
}

TEST_CASE("globs", "[text]") {
  CHECK(glob_match("*", ""));
  CHECK(glob_match("*", "llama/b1/o_proj"));
  CHECK(glob_match("llama*", "llama/b1/o_proj"));
  CHECK(glob_match("*/o_proj", "llama/b1/o_proj"));
  CHECK(glob_match("*b?/*proj", "llama/b1/o_proj"));
  CHECK(glob_match("a*b*c", "a-b-b-c"));
  CHECK(glob_match("**", "x"));
  CHECK_FALSE(glob_match("", "x"));
  CHECK_FALSE(glob_match("?", ""));
  CHECK_FALSE(glob_match("o_proj", "llama/b1/o_proj"));
  CHECK_FALSE(glob_match("*b?/*", "llama/b16/o_proj"));
  CHECK_FALSE(glob_match("a*b*c", "a-b-b"));
  CHECK_FALSE(glob_match("LLAMA*", "llama"));
}

TEST_CASE("a glob that backtracks does not explode", "[text]") {
  // A matcher that tries every split takes 2^30 steps; this one takes a few thousand.
  std::string pattern;
  for (int i = 0; i < 30; ++i) pattern += "*a";
  CHECK_FALSE(glob_match(pattern + "b", std::string(200, 'a')));
}

TEST_CASE("join and count", "[text]") {
  CHECK(join({}) == "");
  CHECK(join({"a"}) == "a");
  CHECK(join({"a", "b", "c"}) == "a, b, c");
  CHECK(join({"a", "b"}, " or ") == "a or b");
  CHECK(count_of(0, "case") == "0 cases");
  CHECK(count_of(1, "case") == "1 case");
  CHECK(count_of(2, "case") == "2 cases");
}

TEST_CASE("nouns in -s have their own plural", "[text]") {
  CHECK(count_of(1, "process") == "1 process");
  CHECK(count_of(0, "process") == "0 processes");
  CHECK(count_of(2, "launch") == "2 launches");
}

TEST_CASE("printable text steers no terminal", "[text]") {
  CHECK(printable("plain, \"quoted\"\nnext") == "plain, \"quoted\"\nnext");
  CHECK(printable("a\x1b[2Jb") == "a?[2Jb");
  CHECK(printable("a\rb\tc\x07\x7f") == "a?b?c??");
  CHECK(printable(std::string_view("a\0b", 3)) == "a?b");
  // U+009B is a one-character "ESC [": two bytes in UTF-8.
  CHECK(printable("\xC2\x9B"
                  "31m") == "?31m");
  CHECK(printable("\xC2\xB5s \xE2\x86\x92 \xF0\x9F\x9A\x80") ==
        "\xC2\xB5s \xE2\x86\x92 \xF0\x9F\x9A\x80");
}

TEST_CASE("invalid UTF-8 becomes question marks", "[text]") {
  CHECK(printable("\xFF") == "?");
  CHECK(printable("\xC2") == "?");                             // cut off
  CHECK(printable("\xC0\xAF") == "??");                        // overlong '/'
  CHECK(printable("\xE0\x80\xAF") == "???");                   // overlong '/'
  CHECK(printable("\xED\xA0\x80") == "???");                   // a surrogate
  CHECK(printable("\xF4\x90\x80\x80") == "????");              // beyond U+10FFFF
  CHECK(printable("\xF4\x8F\xBF\xBF") == "\xF4\x8F\xBF\xBF");  // U+10FFFF itself
  CHECK(printable("\xE2\x86"
                  "x") == "??x");
}

TEST_CASE("marks that turn the direction of text are not printed", "[text]") {
  // U+202E and U+2066 show a reader a different text ("Trojan Source").
  for (const char* mark :
       {"\xE2\x80\xAE", "\xE2\x80\xAA", "\xE2\x80\x8F", "\xE2\x81\xA6", "\xE2\x81\xA9"})
    CHECK(printable(std::string("a") + mark + "b") == "a?b");
}

TEST_CASE("an invisible character is shown as a question mark", "[text]") {
  // The list: zero-width space and joiner, word joiner, byte order mark, soft hyphen, Arabic letter
  // mark, a line separator, an interlinear anchor, a tag.
  for (const char* hidden : {"\u200B", "\u200D", "\u2060", "\uFEFF", "\u00AD", "\u061C", "\u2028",
                             "\uFFF9", "\U000E0041"})
    CHECK(printable(std::string("a") + hidden + "b") == "a?b");
  for (const char* seen : {"\u00E9", "\u00B5", "\u2026", "\u20AC", "\U0001F525", "\u0623"})
    CHECK(printable(seen) == seen);
}

TEST_CASE("a word of megabytes is nobody's typing error", "[text]") {
  const std::string word(std::size_t{8} << 20U, 'a');
  CHECK(did_you_mean(word, {word}).empty());
  CHECK(did_you_mean(std::string(100, 'a'), {std::string(100, 'b') + word, std::string(99, 'a')}) ==
        " (did you mean '" + std::string(99, 'a') + "'?)");
}
