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

std::string write_gab_history(const History& history, EpochSeconds seconds) {
  constexpr std::int64_t ms = 1000;
  Json runs = Json::array();
  for (const HistoryRun& run : history) {
    Json rows = Json::array();
    for (const HistoryCase& entry : run.cases) {
      Json row{{"name", entry.id}, {"unit", "us"}, {"value", entry.duration_s * 1e6}};
      if (!entry.verdict.empty()) row["extra"] = entry.verdict;
      rows.push_back(std::move(row));
    }
    // Its page shows the message and whose commit it is, and the history knows neither.
    const Json nobody{{"name", ""}, {"username", ""}, {"email", ""}};
    runs.push_back({{"commit",
                     {{"id", run.commit},
                      {"message", ""},
                      {"timestamp", run.created},
                      {"url", ""},
                      {"author", nobody},
                      {"committer", nobody}}},
                    {"date", seconds(run.created) * ms},
                    {"tool", "customSmallerIsBetter"},
                    {"benches", std::move(rows)}});
  }
  const Json data{{"lastUpdate", seconds(history.back().created) * ms},
                  {"repoUrl", ""},
                  {"entries", {{history.back().gpu_id, std::move(runs)}}}};
  return "window.BENCHMARK_DATA = " + json_text(data);
}

}  // namespace perfgate
