// SPDX-License-Identifier: Apache-2.0
#include "gate/program/case_text.h"

#include "gate/util/text.h"
#include "tests/support/catch.h"

using namespace perfgate;

TEST_CASE("a plain name stays", "[case_text]") {
  CHECK(case_text("my_decode_{n}_5", 100) == "my_decode_{n}_5");
  CHECK(case_text("at::native::f", 100) == "at::native::f");
  CHECK(case_text("B range", 100) == "B range");
}

TEST_CASE("a name that was changed carries its hash", "[case_text]") {
  // FNV-1a 64 of "a" is af63dc4c8601ec8c (RFC 9923); its lower half is shown.
  CHECK(case_text("a", 100) == "a");
  CHECK(case_text("", 100).size() == 9);
  const std::string slash = case_text("a/b", 100), star = case_text("a*b", 100);
  CHECK_THAT(slash, StartsWith("a_b~"));
  CHECK_THAT(star, StartsWith("a_b~"));
  CHECK(slash != star);
  CHECK(case_text("a/b", 100) == slash);
  CHECK_THAT(case_text("a\nb\x1b[2J", 100), StartsWith("a"));
  CHECK(case_text("a\nb", 100).find('\n') == std::string::npos);
  CHECK(case_text("a~00000000", 100) != "a~00000000");  // nobody can choose another name's hash
}

TEST_CASE("a long name is cut between characters", "[case_text]") {
  const std::string name = std::string(88, 'x') + "\u00B5\u00B5\u00B5\u00B5\u00B5\u00B5\u00B5";
  const std::string cut = case_text(name, 100);
  CHECK(cut.size() <= 100);
  CHECK(valid_utf8(cut) == cut);
  CHECK(case_text(name + "y", 100) != cut);
}
