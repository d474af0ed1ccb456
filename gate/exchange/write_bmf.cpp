// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "gate/exchange/exporter.h"
#include "gate/util/json_object.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::size_t longest_measure = 64;
constexpr double nanoseconds = 1e9;

/// Returns the process statistics behind the case's duration; none: the result did not keep them.
const std::vector<double>& processes_of(const CaseReport& entry) {
  return entry.rounds >= 2 ? entry.distribution.rounds_head_s : entry.distribution.head_s;
}

std::string measure_of(std::string id) {
  std::replace(id.begin(), id.end(), '_', '-');
  return clipped(id, longest_measure);
}

}  // namespace

std::string write_bmf(const Report& report) {
  Json all = Json::object();
  for (const CaseReport& entry : report.cases) {
    Json measures = Json::object();
    if (entry.head_s) {
      Json latency{{"value", *entry.head_s * nanoseconds}};
      if (const std::vector<double>& found = processes_of(entry); !found.empty()) {
        const auto [low, high] = std::minmax_element(found.begin(), found.end());
        latency["lower_value"] = *low * nanoseconds;
        latency["upper_value"] = *high * nanoseconds;
      }
      measures["latency"] = std::move(latency);
    }
    for (const auto& [id, pair] : entry.metrics)
      if (pair.head) measures[measure_of(id)] = {{"value", *pair.head}};
    if (!measures.empty()) all[entry.id] = std::move(measures);
  }
  return json_text(all);
}

std::string write_bmf_history(const History& history, EpochSeconds) {
  Json all = Json::object();
  for (const HistoryCase& entry : history.back().cases) {
    Json measures{{"latency", {{"value", entry.duration_s * nanoseconds}}}};
    for (const auto& [id, value] : entry.metrics) measures[measure_of(id)] = {{"value", value}};
    all[entry.id] = std::move(measures);
  }
  return json_text(all);
}

}  // namespace perfgate
