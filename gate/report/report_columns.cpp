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

namespace {

std::string whole_note(const Report& report) {
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

bool any_doubtful(const Report& report) {
  return std::any_of(report.cases.begin(), report.cases.end(), [](const CaseReport& entry) {
    return std::any_of(metric_columns.begin(), metric_columns.end(),
                       [&](const MetricColumn& column) {
                         const auto pair = entry.metrics.find(std::string(column.metric));
                         return pair != entry.metrics.end() && pair->second.doubtful;
                       });
  });
}

}  // namespace

std::vector<std::string> counter_notes(const Report& report) {
  std::vector<std::string> notes;
  if (std::string note = whole_note(report); !note.empty()) notes.push_back(std::move(note));
  if (any_doubtful(report))
    notes.emplace_back(
        "a number with a ? comes from several passes over kernels under 20 us, which differ");
  return notes;
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
