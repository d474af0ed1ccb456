// SPDX-License-Identifier: Apache-2.0
#include "gate/program/nearest_ranges.h"

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

NearestRanges nearest(std::string_view filter, const std::vector<SeenRange>& seen) {
  return nearest_ranges(parse_range_filter(filter), seen);
}

std::string text_of(std::string_view filter, const std::vector<SeenRange>& seen) {
  return no_match_text(parse_range_filter(filter), nearest(filter, seen));
}

}  // namespace

TEST_CASE("a filter that lacks its slash says so", "[nearest_ranges]") {
  const std::vector<SeenRange> seen{{"", "my_decode_10_5", true}};
  CHECK(nearest("my_decode_10_5", seen).other_kind);
  CHECK(text_of("my_decode_10_5", seen) ==
        "'my_decode_10_5' matches no range: a push/pop range has this name; write "
        "'my_decode_10_5/'; the nearest names: 'my_decode_10_5/'");
  CHECK(nearest("my_decode_*", seen).other_kind);
  CHECK_FALSE(nearest("my_decode_10_6", seen).other_kind);
}

TEST_CASE("a filter with a slash too many says so", "[nearest_ranges]") {
  CHECK(text_of("load/", {{"", "load", false}}) ==
        "'load/' matches no range: a start/end range has this name; write 'load'; "
        "the nearest names: 'load'");
}

TEST_CASE("a range in another domain is named", "[nearest_ranges]") {
  const std::vector<SeenRange> seen{{"my@app", "step", true}};
  CHECK(text_of("step/", seen) ==
        "'step/' matches no range: a range of this name is in the domain 'my@app'; write "
        "'my\\@app@' before it; the nearest names: 'my\\@app@step/'");
}

TEST_CASE("the ten nearest names, each once", "[nearest_ranges]") {
  std::vector<SeenRange> seen{{"", "decode", true}, {"", "decode", true}};
  for (char c = 'a'; c <= 'l'; ++c) seen.push_back({"", std::string("prefill_") + c, true});
  const NearestRanges result = nearest("decoed/", seen);
  REQUIRE(result.ranges.size() == 10);
  CHECK(result.ranges[0].name == "decode");
  for (std::size_t i = 1; i < 10; ++i) CHECK(result.ranges[i].name != "decode");
  CHECK_FALSE(result.other_kind);
  CHECK(text_of("x/", {}) == "'x/' matches no range");
}

TEST_CASE("a name as a filter matches that name", "[nearest_ranges]") {
  for (const SeenRange& seen :
       {SeenRange{"d,e", "{'Module': 'a', 'Inputs': [[1, 4096]]}*/\\", true},
        SeenRange{"regex:[", "step", true}, SeenRange{"", "regex:a+", true}}) {
    const RangeFilter filter = parse_range_filter(as_filter(seen));
    const std::vector<OpenRange> stack{{seen.domain, seen.name}};
    CHECK(match_push_pop(filter, stack) == 0);
    CHECK(is_literal(filter));
  }
}
