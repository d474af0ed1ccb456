// SPDX-License-Identifier: Apache-2.0
#include "gate/report/report_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gate/util/text.h"

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

std::string whole_counters_note(const Report& report) {
  const auto whole =
      std::find_if(report.cases.begin(), report.cases.end(), [](const CaseReport& entry) {
        return !entry.whole_of.empty() && entry.metrics.contains("hbm_throughput");
      });
  if (whole == report.cases.end()) return "";
  return fmt::format(
      "{}: its counters are of its kernels one after the other, its duration is of them as they "
      "overlap; so its bytes over its duration are a larger share than HBM %",
      one_line(whole->part));
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
