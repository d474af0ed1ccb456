// SPDX-License-Identifier: Apache-2.0
#include "gate/report/report_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace perfgate {

std::string metric_cell(const Report& report, const CaseReport& entry, const MetricColumn& column) {
  const auto pair = entry.metrics.find(std::string(column.metric));
  if (pair == entry.metrics.end() || !pair->second.head) return "-";
  const auto metric = std::find_if(report.metrics.begin(), report.metrics.end(),
                                   [&](const Metric& m) { return m.id == column.metric; });
  const double scale = metric == report.metrics.end() ? 1 : unit_info(metric->unit).people_scale;
  return fmt::format("{:.{}f}{}", *pair->second.head * scale, column.decimals,
                     pair->second.doubtful ? "?" : "");
}

std::string time_cell(const std::optional<double>& seconds) {
  return seconds ? fmt::format("{:.2f}", *seconds * 1e6) : "-";
}

std::string change_cell(const CaseReport& entry) {
  if (!entry.change) return "-";
  const double rounded = std::round(1000 * entry.change->effect) / 10;
  return rounded == 0 ? "0.0" : fmt::format("{:+.1f}", rounded);  // avoids "-0.0"
}

}  // namespace perfgate
