// SPDX-License-Identifier: Apache-2.0
// Filters come from command lines and ranges from programs: whatever both are, parsing either
// throws UsageError or gives a filter that matches in bounded time and throws nothing.
//
// The input: the filter up to the first newline, then lines that are the stack; the first of them
// is the domain.
#include <string_view>
#include <vector>

#include "gate/program/kernel_filter.h"
#include "gate/program/kernel_name.h"
#include "gate/program/nearest_ranges.h"
#include "gate/program/range_filter.h"
#include "gate/program/range_name.h"
#include "gate/program/range_selection.h"
#include "tests/fuzz/engine/target.h"

using namespace perfgate;

namespace {

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> all;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find('\n');
    all.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return all;
}

void match(const RangeFilter& filter, const std::vector<std::string_view>& names) {
  std::vector<OpenRange> stack;
  std::vector<SeenRange> seen;
  for (std::size_t i = 2; i < names.size(); ++i) {
    stack.push_back({names[1], names[i]});
    seen.push_back({std::string(names[1]), std::string(names[i]), i % 2 == 0});
  }
  const auto depth = match_push_pop(filter, stack);
  require(!depth || *depth < stack.size());
  require(!(depth && match_start_end(filter, stack)));
  require(select({{filter}, {filter}}, stack, stack) == std::nullopt);
  require(!no_match_text(filter, nearest_ranges(filter, seen)).empty());
  // A range that was seen, written as a filter, matches itself; names that are empty are no
  // filters.
  for (const SeenRange& range : seen) {
    if (range.name.empty()) continue;
    const RangeFilter own = parse_range_filter(as_filter(range));
    const std::vector<OpenRange> open{{range.domain, range.name}};
    require(range.push_pop ? match_push_pop(own, open) == 0 : match_start_end(own, open));
  }
}

void name_things(const std::vector<std::string_view>& names) {
  const std::vector<std::string> all(names.begin(), names.end());
  for (const auto& [name, text] : range_templates(all))
    require(!text.empty() && text.size() <= longest_range_template &&
            text.find('/') == std::string::npos);
  std::vector<std::string> operators;
  for (const std::string& name : all) {
    operators.push_back(operator_name(name));
    require(!operators.back().empty() && !base_name(name).empty());
  }
  for (const std::string& part : launch_parts(operators)) require(!part.empty());
}

}  // namespace

const InputForm input_form = InputForm::lines;
const std::size_t longest_input = 800;

std::vector<std::string> seeds() {
  return {};  // the files in corpus/range_filter/
}

void try_input(std::string_view input) {
  const std::vector<std::string_view> names = lines(input);
  name_things(names);
  (void)accepted([&] { match(parse_range_filter(names[0]), names); });
  (void)accepted([&] { (void)matches(parse_kernel_filter(names[0]), names.back(), names.back()); });
}
