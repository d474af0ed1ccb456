// SPDX-License-Identifier: Apache-2.0
#include "gate/program/range_filter.h"

#include "gate/util/error.h"
#include "tests/support/catch.h"

using namespace perfgate;

namespace {

using Index = std::optional<std::size_t>;

/// Where the filter matches on a stack of these names, from the bottom.
Index on_stack(std::string_view filter, const std::vector<std::string>& names,
               std::string_view domain = "") {
  std::vector<OpenRange> stack;
  for (const std::string& name : names) stack.push_back({domain, name});
  return match_push_pop(parse_range_filter(filter), stack);
}

bool with_open(std::string_view filter, const std::vector<OpenRange>& open) {
  return match_start_end(parse_range_filter(filter), open);
}

std::string message(std::string_view filter) {
  try {
    parse_range_filter(filter);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

constexpr Index none = std::nullopt;

}  // namespace

// The filters, and what they mean, are those of the Nsight Compute CLI's manual, "NVTX Filtering".
TEST_CASE("a push/pop range anywhere on the stack", "[range_filter]") {
  CHECK(on_stack("A_range/", {"A_range"}) == 0);
  CHECK(on_stack("A_range/", {"x", "A_range", "y"}) == 1);
  CHECK(on_stack("A_range/", {"A_range", "y", "A_range"}) == 2);  // the innermost
  CHECK(on_stack("A_range/", {"A_range2"}) == none);
  CHECK(on_stack("A_range/", {}) == none);
  CHECK(on_stack("B range/", {"B range"}) == 0);
  CHECK(is_push_pop(parse_range_filter("A_range/")));
  CHECK(text(parse_range_filter("A_range/")) == "A_range/");
}

TEST_CASE("ranges within ranges, in the order of the stack", "[range_filter]") {
  CHECK(on_stack("A_range/B range", {"A_range", "B range"}) == 1);
  CHECK(on_stack("A_range/B range/", {"A_range", "B range", "x"}) == 1);
  CHECK(on_stack("A_range/B range", {"A_range", "x", "B range"}) == none);
  CHECK(on_stack("A_range/B range", {"B range", "A_range"}) == none);
}

TEST_CASE("quantifiers: one range between, any number between", "[range_filter]") {
  CHECK(on_stack("A_range/*/B range", {"A_range", "B range"}) == 1);
  CHECK(on_stack("A_range/*/B range", {"A_range", "x", "y", "B range", "z"}) == 3);
  CHECK(on_stack("A_range/*/B range", {"B range", "A_range"}) == none);
  CHECK(on_stack("B range/+/Range D", {"B range", "x", "Range D"}) == 2);
  CHECK(on_stack("B range/+/Range D", {"B range", "Range D"}) == none);
  CHECK(on_stack("B range/+/Range D", {"B range", "x", "y", "Range D"}) == none);
  CHECK(on_stack("A/+/+/B", {"A", "x", "y", "B"}) == 3);
  CHECK(on_stack("A/*/B/*/C", {"A", "B", "x", "A", "C"}) == 4);
  CHECK(on_stack("A/*/*/B", {"A", "B"}) == 1);
}

TEST_CASE("the bottom and the top of the stack", "[range_filter]") {
  CHECK(on_stack("[A_range", {"A_range", "x"}) == 0);
  CHECK(on_stack("[A_range", {"x", "A_range"}) == none);
  CHECK(on_stack("[A_range/+/Range Z", {"A_range", "x", "Range Z"}) == 2);
  CHECK(on_stack("[A_range/+/Range Z", {"y", "A_range", "x", "Range Z"}) == none);
  CHECK(on_stack("Range Z]", {"x", "Range Z"}) == 1);
  CHECK(on_stack("Range Z]", {"Range Z", "x"}) == none);
  CHECK(on_stack("Range C/*/Range Z]", {"Range C", "x", "Range Z"}) == 2);
  CHECK(on_stack("Range C/*/Range Z]", {"Range C", "Range Z", "x"}) == none);
  CHECK(on_stack("[A]", {"A"}) == 0);
  CHECK(on_stack("[A]", {"A", "A"}) == none);
}

TEST_CASE("domains", "[range_filter]") {
  CHECK(on_stack("Domain-A@A_range/", {"A_range"}, "Domain-A") == 0);
  CHECK(on_stack("Domain-A@A_range/", {"A_range"}) == none);
  CHECK(on_stack("A_range/", {"A_range"}, "Domain-A") == none);
  CHECK(on_stack("Domain B@A_range/*/Range Z]", {"A_range", "Range Z"}, "Domain B") == 1);
  CHECK(on_stack("*@A/", {"A"}, "any") == 0);
  CHECK(on_stack("user\\@host@A/", {"A"}, "user@host") == 0);
}

TEST_CASE("start/end ranges: all of them are open", "[range_filter]") {
  CHECK(with_open("A_range", {{"", "x"}, {"", "A_range"}}));
  CHECK_FALSE(with_open("A_range", {{"Domain-A", "A_range"}}));
  CHECK(with_open("Domain-A@A_range", {{"Domain-A", "A_range"}}));
  CHECK(with_open("B range,A_range", {{"", "A_range"}, {"", "B range"}}));
  CHECK_FALSE(with_open("B range,A_range", {{"", "A_range"}}));
  CHECK(with_open("Domain B@B range,Range Z", {{"Domain B", "Range Z"}, {"Domain B", "B range"}}));
  CHECK_FALSE(is_push_pop(parse_range_filter("A_range")));
  // Neither kind matches as the other.
  CHECK_FALSE(with_open("A_range/", {{"", "A_range"}}));
  CHECK(on_stack("A_range", {"A_range"}) == none);
}

TEST_CASE("expressions for domain and names", "[range_filter]") {
  CHECK(on_stack("regex:Domain[A-Z]@Range[0-9]/", {"Range7"}, "DomainQ") == 0);
  CHECK(on_stack("regex:Domain[A-Z]@Range[0-9]/", {"Range"}, "DomainQ") == none);
  CHECK(on_stack("regex:Domain[A-Z]@Range[0-9]/", {"Range7"}) == none);
  const std::string manual = "regex:[0-9]domainA@/[0-9]rangeA,RangeC[0-9/]";
  CHECK(with_open(manual, {{"1domainA", "2rangeA"}, {"1domainA", "RangeC3"}}));
  CHECK_FALSE(with_open(manual, {{"1domainA", "2rangeA"}, {"1domainA", "RangeC"}}));
  CHECK(on_stack("regex:^my_decode_[0-9]+_5$/", {"my_decode_10_5"}) == 0);
  CHECK(on_stack("regex:(a|b)c{1,2}d/", {"bccd"}) == 0);
  CHECK(on_stack("regex:attention_bw:.*:iter]", {"attention_bw:x:iter"}) == 0);
  CHECK(on_stack("regex:attention_bw:.*:iter]", {"attention_bw:x:iter", "y"}) == none);
  CHECK(on_stack("regex:A.*/*/B.*/", {"A1", "x", "B2"}) == 2);
  CHECK(on_stack("regex:A\\[i\\]/", {"A[i]"}) == 0);
  // Of one name only.
  CHECK(on_stack("A.range/regex:^B[0-9]$/", {"A.range", "B1"}) == 1);
  CHECK(on_stack("A.range/regex:^B[0-9]$/", {"A_range", "B1"}) == none);
}

TEST_CASE("a star within a longer name is a glob", "[range_filter]") {
  CHECK(on_stack("my_decode_*_5/", {"my_decode_10_5"}) == 0);
  CHECK(on_stack("my_decode_*_5/", {"my_decode_10_6"}) == none);
  CHECK(on_stack("my_decode_*_5/", {"my_decode_5"}) == none);
  CHECK(on_stack("step*/*/attn*/", {"step_1", "layer", "attn_0"}) == 2);
  CHECK(on_stack("a*b*c/", {"a_b_b_c"}) == 0);
  CHECK(on_stack("aa*aa/", {"aaa"}) == none);  // the two ends do not overlap
  CHECK(on_stack("what?*/", {"what?x"}) == 0);
  CHECK(on_stack("what?*/", {"whatsx"}) == none);  // '?' is no glob here
  CHECK_FALSE(is_literal(parse_range_filter("my_decode_*_5/")));
  CHECK(is_literal(parse_range_filter("A/*/B/")));
  CHECK_FALSE(is_literal(parse_range_filter("regex:A/")));
}

TEST_CASE("a backslash makes a separator part of the name", "[range_filter]") {
  CHECK(on_stack("A_range\\[i\\]/", {"A_range[i]"}) == 0);
  CHECK(with_open("A_range\\[i\\]", {{"", "A_range[i]"}}));
  CHECK(on_stack("a\\/b/", {"a/b"}) == 0);
  CHECK(on_stack("a\\*/", {"a*"}) == 0);
  CHECK(on_stack("a\\*/", {"ab"}) == none);
  CHECK(on_stack("\\*/", {"*"}) == 0);
  CHECK(on_stack("a\\,b\\@c\\+/", {"a,b@c+"}) == 0);
  CHECK(on_stack("C:\\\\x/", {"C:\\x"}) == 0);
  CHECK(on_stack("\\[a\\]/", {"[a]"}) == 0);
}

TEST_CASE("what is no filter says the place and an example", "[range_filter]") {
  CHECK(message("") == "range filter '', character 1: a filter names a range: 'A_range/'");
  CHECK_THAT(message("@A/"), ContainsSubstring("character 1: no domain before '@'"));
  CHECK_THAT(message("D@"), ContainsSubstring("character 3: a filter names a range"));
  CHECK_THAT(message("DomainA@RangeA,DomainB@RangeB"),
             ContainsSubstring("character 23: one filter"));
  CHECK_THAT(message("RangeA,DomainB@RangeB"), ContainsSubstring("one filter has one domain"));
  CHECK_THAT(message("A,B/"), ContainsSubstring("character 2: ',' joins start/end ranges"));
  CHECK_THAT(message("A//B"), ContainsSubstring("character 3: a range has a name"));
  CHECK_THAT(message("/"), ContainsSubstring("a range has a name"));
  CHECK_THAT(message("A,,B"), ContainsSubstring("character 3: a range has a name"));
  CHECK_THAT(message("*/B"), ContainsSubstring("character 1: '*' and '+' stand between two"));
  CHECK_THAT(message("A/*/"), ContainsSubstring("character 3: '*' and '+' stand between two"));
  CHECK_THAT(message("*"), ContainsSubstring("stand between two"));
  CHECK_THAT(message("A[0]B/"), ContainsSubstring("character 2: a bracket within a name"));
  CHECK_THAT(message("A/\\"), ContainsSubstring("'\\\\'"));
  CHECK_THAT(message("regex:/"), ContainsSubstring("an expression is missing"));
  CHECK_THAT(message("regex:A(/"), ContainsSubstring("a '(' without its ')'"));
  // In an expression a bracket at an end of the ranges means the stack.
  CHECK_THAT(message("regex:Range[0-9]"), ContainsSubstring("'/[' or '/]'"));
  CHECK_THAT(message("regex:[0-9]Range/"), ContainsSubstring("'/[' or '/]'"));
  std::string long_filter;
  for (int i = 0; i < 33; ++i) long_filter += "A/";
  CHECK_THAT(message(long_filter), ContainsSubstring("too many ranges"));
}
