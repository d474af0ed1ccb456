// SPDX-License-Identifier: Apache-2.0
#include "gate/program/regular_expression.h"

#include <string>

#include "gate/util/error.h"
#include "tests/support/catch.h"

using namespace perfgate;

namespace {

bool found(std::string_view expression, std::string_view text) {
  return RegularExpression::parse(expression).found_in(text);
}

}  // namespace

TEST_CASE("an expression is found anywhere, ends hold it", "[regular_expression]") {
  CHECK(found("gemm", "sm90_xmma_gemm_f16"));
  CHECK_FALSE(found("^gemm", "sm90_xmma_gemm_f16"));
  CHECK(found("^sm90.*f16$", "sm90_xmma_gemm_f16"));
  CHECK_FALSE(found("gemm$", "sm90_xmma_gemm_f16"));
  CHECK(found("", "x"));
  CHECK(found("^$", ""));
  CHECK_FALSE(found("^$", "x"));
}

TEST_CASE("repetitions, classes and alternatives", "[regular_expression]") {
  CHECK(found("^my_decode_[0-9]+_5$", "my_decode_10_5"));
  CHECK_FALSE(found("^my_decode_[0-9]+_5$", "my_decode__5"));
  CHECK(found("^a(b|cd)*e$", "abcdbe"));
  CHECK_FALSE(found("^a(b|cd)*e$", "abce"));
  CHECK(found("^(a|b|c|)$", "c"));
  CHECK(found("^(a|b|c|)$", ""));
  CHECK(found("^x{2,3}$", "xx"));
  CHECK(found("^x{2,3}$", "xxx"));
  CHECK_FALSE(found("^x{2,3}$", "x"));
  CHECK_FALSE(found("^x{2,3}$", "xxxx"));
  CHECK(found("^x{2}$", "xx"));
  CHECK(found("^x{2,}$", "xxxxx"));
  CHECK(found("^(ab){0}c$", "c"));
  CHECK(found("^((ab?)+c){2}$", "abacac"));
  CHECK_FALSE(found("^((ab?)+c){2}$", "abac"));
  CHECK(found("^colou?r$", "color"));
  CHECK(found("^[^/]+$", "decode"));
  CHECK_FALSE(found("^[^/]+$", "a/b"));
  CHECK(found("^[a\\-z]$", "-"));
  CHECK(found("^[az-]$", "-"));
  CHECK(found("^\\d\\D\\w\\W\\s\\S$", "1a_- x"));
  CHECK(found("^(?:a|b)+?c$", "abc"));
  CHECK(found("\\bgemm\\b", "a gemm b"));
  CHECK_FALSE(found("\\bgemm\\b", "xgemm"));
  CHECK(found("gem\\B", "gemm"));
  CHECK(found("^A_range\\[i\\]$", "A_range[i]"));
  CHECK(found("^a\\/b\\,c\\@d$", "a/b,c@d"));  // the escapes of range filters
  CHECK_FALSE(found("^.$", "\n"));
}

TEST_CASE("nested alternatives keep their ways", "[regular_expression]") {
  CHECK(found("^((a|b)*|(c|d)+x)$", "abba"));
  CHECK(found("^((a|b)*|(c|d)+x)$", "cdcx"));
  CHECK_FALSE(found("^((a|b)*|(c|d)+x)$", "cdc"));
  CHECK(found("^(a+|b)*|c+$", "caaxccc"));
  CHECK(found("^(a*|b)c$", "aac"));
  CHECK(found("^(a*)*$", "aaa"));
}

TEST_CASE("what a backtracking matcher never ends on", "[regular_expression]") {
  CHECK_FALSE(found("^(a+)+$", std::string(5000, 'a') + "b"));
  CHECK(found("(a*)*b", std::string(5000, 'a') + "b"));
}

TEST_CASE("a wrong expression says the place", "[regular_expression]") {
  const auto message = [](std::string_view expression) {
    try {
      RegularExpression::parse(expression);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK_THAT(message("a("), ContainsSubstring("'a(', character 3: a '(' without its ')'"));
  CHECK_THAT(message("a)"), ContainsSubstring("character 2: a ')' without its '('"));
  CHECK_THAT(message("[ab"), ContainsSubstring("a '[' without its ']'"));
  CHECK_THAT(message("ab]"), ContainsSubstring("a ']' without its '['"));
  CHECK_THAT(message("*a"), ContainsSubstring("nothing to repeat"));
  CHECK_THAT(message("a**"), ContainsSubstring("nothing to repeat"));
  CHECK_THAT(message("a\\"), ContainsSubstring("ends in a '\\'"));
  CHECK_THAT(message("(a)\\1"), ContainsSubstring("not known"));
  CHECK_THAT(message("(?=a)"), ContainsSubstring("only '(?:' is known"));
  CHECK_THAT(message("[[:digit:]]"), ContainsSubstring("[:digit:] are not known"));
  CHECK_THAT(message("[z-a]"), ContainsSubstring("range of characters"));
  CHECK_THAT(message("a{3,2}"), ContainsSubstring("more at least than at most"));
  CHECK_THAT(message("a{x}"), ContainsSubstring("number of repetitions"));
  CHECK_THAT(message("(a{100}){100}"), ContainsSubstring("too long"));
  CHECK_THAT(message(std::string(5000, 'a')), ContainsSubstring("too long"));
  CHECK_THAT(message(std::string(100, '(')), ContainsSubstring("too many groups"));
}
