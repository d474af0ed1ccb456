// SPDX-License-Identifier: Apache-2.0
#include "gate/util/text_wrap.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"

using namespace perfgate;

TEST_CASE("a long line continues below, indented", "[text_wrap]") {
  CHECK(wrapped("one two three four\nshort\n", 10, 2) == "one two\n  three\n  four\nshort\n");
  CHECK(wrapped("  a bb ccc dddd", 8, 2) == "  a bb\n    ccc\n    dddd");
  CHECK(wrapped("fits here", 9) == "fits here");
  CHECK(wrapped("", 9).empty());
}

TEST_CASE("a number and its unit stay on one line", "[text_wrap]") {
  CHECK(wrapped("did not move (0.0 %) at all", 19, 0) == "did not move\n(0.0 %) at all");
  CHECK(wrapped("a kernel of 12.5 us, or less", 17, 0) == "a kernel of\n12.5 us, or less");
  // A word that only begins like a unit is none.
  CHECK(wrapped("uses of 12 useful ones", 11, 0) == "uses of 12\nuseful ones");
  // There is no other place to break.
  CHECK(wrapped("100000000 %", 9, 0) == "100000000\n%");
}

TEST_CASE("text behind a label continues below itself", "[text_wrap]") {
  CHECK(wrapped("OK    clocks   one two three four five", 30) ==
        "OK    clocks   one two three\n               four five");
  CHECK(wrapped("note: one two three", 16) == "note: one two\n    three");
}

TEST_CASE("a word that is longer than a line is cut, and nothing is lost", "[text_wrap]") {
  const std::string word(250, 'x');
  const std::string text = wrapped("begin " + word + " end", 100);
  std::size_t letters = 0;
  for (const std::string& line : split(text, '\n')) {
    CHECK(columns_of(line) <= 100);
    letters += static_cast<std::size_t>(std::count(line.begin(), line.end(), 'x'));
  }
  CHECK(letters == 250);
  // Even in a column that is narrower than the indent.
  for (const std::string& line : split(wrapped(std::string(30, ' ') + word, 20), '\n'))
    CHECK(columns_of(line) <= 20);
}

TEST_CASE("columns are characters, and colours have none", "[text_wrap]") {
  CHECK(columns_of("\u00b5s \x1b[1;31mred\x1b[0m") == 6);
  CHECK(wrapped("\u00b5\u00b5\u00b5\u00b5 \u00b5", 4, 0) == "\u00b5\u00b5\u00b5\u00b5\n\u00b5");
}

TEST_CASE("of an id that is too long the end stays", "[text_wrap]") {
  CHECK(end_of("llama/b1/o_proj", 15) == "llama/b1/o_proj");
  CHECK(end_of("llama/b1/o_proj", 8) == "\u2026/o_proj");
  CHECK(columns_of(end_of("llama/b1/o_proj", 8)) == 8);
}
