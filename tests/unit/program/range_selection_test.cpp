// SPDX-License-Identifier: Apache-2.0
#include "gate/program/range_selection.h"

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

RangeSelection selection(const std::vector<std::string>& include,
                         const std::vector<std::string>& exclude = {}) {
  RangeSelection result;
  for (const std::string& filter : include) result.include.push_back(parse_range_filter(filter));
  for (const std::string& filter : exclude) result.exclude.push_back(parse_range_filter(filter));
  return result;
}

const std::vector<OpenRange> stack{{"", "step_1"}, {"", "layer_2"}, {"", "attn"}};

}  // namespace

TEST_CASE("the innermost include wins, the first of several", "[range_selection]") {
  CHECK(select(selection({"step*/", "layer*/"}), stack) == SelectedRange{1, 1});
  CHECK(select(selection({"layer*/", "step*/"}), stack) == SelectedRange{0, 1});
  CHECK(select(selection({"layer_2/", "layer*/"}), stack) == SelectedRange{0, 1});
  CHECK(select(selection({"other/"}), stack) == std::nullopt);
  CHECK(select(selection({}), stack) == std::nullopt);
}

TEST_CASE("an exclude that matches leaves nothing", "[range_selection]") {
  // The manual's "A_range/" with the exclude "B range]".
  const RangeSelection both = selection({"step*/"}, {"attn]"});
  CHECK(select(both, stack) == std::nullopt);
  CHECK(select(both, std::span(stack).first(2)) == SelectedRange{0, 0});
  const std::vector<OpenRange> open{{"", "warm-up"}};
  CHECK(select(selection({"step*/"}, {"warm-up"}), stack, open) == std::nullopt);
  CHECK(select(selection({"step*/"}, {"warm-up"}), stack) == SelectedRange{0, 0});
}

TEST_CASE("start/end ranges are selected by themselves", "[range_selection]") {
  const std::vector<OpenRange> open{{"", "A"}, {"", "B"}};
  CHECK(select_start_end(selection({"C", "A,B"}), {}, open) == 1);
  CHECK(select_start_end(selection({"A"}, {"B"}), {}, open) == std::nullopt);
  CHECK(select_start_end(selection({"A"}, {"attn/"}), stack, open) == std::nullopt);
  CHECK(select_start_end(selection({"attn/"}), stack, open) == std::nullopt);
  CHECK(select(selection({"A"}), stack, open) == std::nullopt);
}
