// SPDX-License-Identifier: Apache-2.0
#include "gate/report/render_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "gate/report/report_columns.h"
#include "gate/run/run_view.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"
#include "gate/util/text_wrap.h"

namespace perfgate {

namespace {

// A line of 100 columns then holds all counters. A longer name stands on a line of its own.
constexpr std::size_t widest_part = 24;

/// The width of a counter's column: its title's, and at least that of "100.0?".
std::size_t width_of(const MetricColumn& column) {
  return std::max<std::size_t>(6, column.title.size());
}

std::optional<double> time_of(const CaseView& view) {
  return view.durations_s.empty() ? std::nullopt : std::optional(median(view.durations_s));
}

std::string counter_cell(const RunRecord& run, const CaseView& view, const MetricColumn& column) {
  const auto value = view.metrics.find(std::string(column.metric));
  if (value == view.metrics.end()) return "-";
  const auto metric = std::find_if(run.plan.metrics.begin(), run.plan.metrics.end(),
                                   [&](const Metric& m) { return m.id == column.metric; });
  const double scale = metric == run.plan.metrics.end() ? 1 : unit_info(metric->unit).people_scale;
  return fmt::format("{:.{}f}{}", value->second * scale, column.decimals,
                     view.doubtful.contains(std::string(column.metric)) ? "?" : "");
}

std::string megabytes_cell(const CaseView& view) {
  const auto read = view.metrics.find("hbm_read");
  return read == view.metrics.end() ? "-" : fmt::format("{:.2f}", read->second * 1e-6);
}

std::string launch_cell(const CaseView& view) {
  if (view.kernels.size() != 1) return count_of(view.kernels.size(), "kernel");
  const KernelLaunch& launch = view.kernels.front();
  return fmt::format("{}x{}x{} of {}", launch.grid[0], launch.grid[1], launch.grid[2],
                     launch.block[0] * launch.block[1] * launch.block[2]);
}

/// How far the processes lie apart, in percent.
std::string scatter_cell(const CaseView& view) {
  return view.durations_s.size() < 2 ? "-"
                                     : fmt::format("{:.2f}", 100 * log_deviation(view.durations_s));
}

std::string row(const RunRecord& run, const Case& entry, const CaseView& view,
                std::optional<double> whole_s, std::size_t width) {
  const std::optional<double> time_s = time_of(view);
  const std::string part = one_line(entry.part);
  std::string out = part + std::string(width - std::min(width, columns_of(part)), ' ');
  if (columns_of(part) > width) out += fmt::format("\n{:<{}}", "", width);
  out += fmt::format(" {:>9} {:>6} {:>7} {:>7}", time_cell(time_s), scatter_cell(view),
                     time_s && whole_s ? fmt::format("{:.1f}", 100 * *time_s / *whole_s) : "-",
                     megabytes_cell(view));
  for (const MetricColumn& column : metric_columns)
    out += fmt::format(" {:>{}}", counter_cell(run, view, column), width_of(column));
  out += fmt::format("  {}\n", launch_cell(view));
  if (view.failure) out += fmt::format("    not measured: {}\n", one_line(*view.failure));
  return out;
}

}  // namespace

std::string render_run(const RunRecord& run) {
  const CaseViews views(run);
  std::string out;
  std::string_view group;
  std::size_t width = 0;
  for (const Case& entry : run.plan.cases)
    width = std::min(widest_part, std::max(width, columns_of(one_line(entry.part))));
  for (const Case& entry : run.plan.cases) {
    if (entry.group != group) {
      out += fmt::format("{}{}\n{:<{}} {:>9} {:>6} {:>7} {:>7}", group.empty() ? "" : "\n",
                         one_line(entry.group), "", width, "us", "+- %", "share %", "MB read");
      for (const MetricColumn& column : metric_columns)
        out += fmt::format(" {:>{}}", column.title, width_of(column));
      out += "  launch\n";
    }
    group = entry.group;
    std::optional<double> whole_s;
    for (const Case& other : run.plan.cases)
      if (other.group == entry.group && !other.whole_of.empty()) whole_s = time_of(views[other.id]);
    out += row(run, entry, views[entry.id], whole_s, width);
  }
  return out;
}

}  // namespace perfgate
