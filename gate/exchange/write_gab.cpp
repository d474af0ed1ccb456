// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "gate/exchange/exporter.h"
#include "gate/util/error.h"
#include "gate/util/json_object.h"

namespace perfgate {

std::string write_gab(const Report& report) {
  Json rows = Json::array();
  for (const CaseReport& entry : report.cases) {
    if (!entry.head_s) continue;
    Json row{{"name", entry.id}, {"unit", "us"}, {"value", *entry.head_s * 1e6}};
    if (const std::vector<double>& found = entry.distribution.head_s; found.size() > 1) {
      const auto [low, high] = std::minmax_element(found.begin(), found.end());
      row["range"] = fmt::format("± {:.3g}", (*high - *low) / 2 * 1e6);
    }
    row["extra"] = fmt::format("{} ({}) on {}", verdict_info(entry.verdict()).id,
                               reason_info(entry.reason).id, report.gpu_id);
    rows.push_back(std::move(row));
  }
  if (rows.empty())
    throw UsageError(
        "no case has a duration, and github-action-benchmark takes an empty list for a failure");
  return json_text(rows);
}

}  // namespace perfgate
