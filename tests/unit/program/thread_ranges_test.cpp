// SPDX-License-Identifier: Apache-2.0
// Which ranges of a thread are occurrences, as NVTX nests them.
#include "gate/program/thread_ranges.h"

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

RangeSelection selection_of(std::vector<std::string> include,
                            std::vector<std::string> exclude = {}) {
  RangeSelection out;
  for (const std::string& text : include) out.include.push_back(parse_range_filter(text));
  for (const std::string& text : exclude) out.exclude.push_back(parse_range_filter(text));
  return out;
}

constexpr ThreadRanges::Domain no_domain = 0, nccl = 7;

}  // namespace

TEST_CASE("a range that matches is an occurrence until it is popped", "[thread_ranges]") {
  const RangeSelection wanted = selection_of({"step_*/"});
  ThreadRanges ranges;
  CHECK(ranges.current() == no_occurrence);
  REQUIRE(ranges.push(wanted, no_domain, "", "step_1") == "step_1");
  ranges.opened(4);
  CHECK(ranges.current() == 4);
  // A range within it belongs to it and begins none.
  CHECK_FALSE(ranges.push(wanted, no_domain, "", "norm"));
  CHECK(ranges.current() == 4);
  CHECK_FALSE(ranges.pop(wanted, no_domain));
  CHECK(ranges.occurrences() == std::vector<std::int64_t>{4});
  CHECK(ranges.pop(wanted, no_domain) == 4);
  CHECK(ranges.occurrences().empty());
  CHECK(ranges.current() == no_occurrence);
  CHECK(ranges.depth(no_domain) == 0);
}

TEST_CASE("domains nest by themselves", "[thread_ranges]") {
  const RangeSelection wanted = selection_of({"step/"});
  ThreadRanges ranges;
  REQUIRE(ranges.push(wanted, no_domain, "", "step"));
  ranges.opened(0);
  // NCCL's range is pushed in the step and popped behind it.
  CHECK_FALSE(ranges.push(wanted, nccl, "NCCL", "all_reduce"));
  CHECK(ranges.current() == 0);
  CHECK(ranges.pop(wanted, no_domain) == 0);
  CHECK_FALSE(ranges.pop(wanted, nccl));
  CHECK(ranges.current() == no_occurrence);
}

TEST_CASE("of nested matches the innermost counts, then the outer one again", "[thread_ranges]") {
  const RangeSelection wanted = selection_of({"layer_*/", "attention/"});
  ThreadRanges ranges;
  REQUIRE(ranges.push(wanted, no_domain, "", "layer_0"));
  ranges.opened(0);
  REQUIRE(ranges.push(wanted, no_domain, "", "attention") == "attention");
  ranges.opened(1);
  CHECK(ranges.current() == 1);
  CHECK(ranges.pop(wanted, no_domain) == 1);
  CHECK(ranges.current() == 0);
}

TEST_CASE("what an exclude matches has no occurrence", "[thread_ranges]") {
  const RangeSelection wanted = selection_of({"step/"}, {"warm_up/"});
  ThreadRanges ranges;
  CHECK_FALSE(ranges.push(wanted, no_domain, "", "warm_up"));
  CHECK_FALSE(ranges.push(wanted, no_domain, "", "step"));
  CHECK(ranges.current() == no_occurrence);
}

TEST_CASE("a range at the top only has no launches of the ranges in it", "[thread_ranges]") {
  const RangeSelection wanted = selection_of({"step]"});
  ThreadRanges ranges;
  REQUIRE(ranges.push(wanted, no_domain, "", "step"));
  ranges.opened(3);
  CHECK(ranges.current() == 3);
  CHECK_FALSE(ranges.push(wanted, no_domain, "", "inner"));
  CHECK(ranges.current() == no_occurrence);
  CHECK_FALSE(ranges.pop(wanted, no_domain));
  CHECK(ranges.current() == 3);
  CHECK(ranges.pop(wanted, no_domain) == 3);
}

TEST_CASE("a pop without a push changes nothing", "[thread_ranges]") {
  const RangeSelection wanted = selection_of({"step/"});
  ThreadRanges ranges;
  CHECK_FALSE(ranges.pop(wanted, no_domain));
  CHECK(ranges.push(wanted, no_domain, "", "step") == "step");
}
