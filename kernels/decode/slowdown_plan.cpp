// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/slowdown_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "gate/util/error.h"
#include "gate/util/id_table.h"

namespace perfgate {

bool StretchPlan::covers(Stage stage) const {
  return std::find(stages.begin(), stages.end(), stage) != stages.end();
}

StretchPlan parse_stretch(const std::string& text) {
  StretchPlan plan;
  const std::size_t equals = text.find('=');
  const char* begin = text.data() + (equals == std::string::npos ? text.size() : equals + 1);
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(begin, end, plan.ratio);
  if (error != std::errc() || rest != end || !(plan.ratio >= 0 && plan.ratio <= 1))
    throw UsageError(
        fmt::format("--stretch {}: not STAGE,STAGE=RATIO with a ratio of 0 to 1", text));
  for (std::size_t at = 0; at < equals;) {
    const std::size_t comma = std::min(text.find(',', at), equals);
    const std::string id = text.substr(at, comma - at);
    const StageInfo* stage = find_by_id(stages, id);
    if (!stage) throw UsageError(fmt::format("--stretch {}: no stage is called '{}'", text, id));
    plan.stages.push_back(stage->stage);
    at = comma + 1;
  }
  return plan;
}

}  // namespace perfgate
