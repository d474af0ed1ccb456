// SPDX-License-Identifier: Apache-2.0
#include "gate/history/history_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "gate/util/text.h"
#include "gate/util/text_table.h"
#include "gate/util/text_wrap.h"

namespace perfgate {

namespace {

constexpr std::array<std::string_view, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::size_t wide_runs = 24, narrow_runs = 12;  // in a sparkline

}  // namespace

std::string sparkline(std::span<const double> values, std::size_t most) {
  if (values.size() > most) values = values.last(most);
  if (values.empty()) return "";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double range = *high - *low;
  std::string line;
  for (const double value : values) {
    const double share = range > 0 ? (value - *low) / range : 0.4;
    line += blocks[static_cast<std::size_t>(std::lround(share * (blocks.size() - 1)))];
  }
  return line;
}

std::string history_table(const History& history, const std::vector<CaseSeries>& series,
                          const std::vector<CaseTrend>& found, std::size_t columns) {
  const std::size_t shown = columns < default_columns ? narrow_runs : wide_runs;
  TextTable table{
      "", {{"case", Align::left}, {"runs"}, {"now us"}, {"change"}, {"newest", Align::left}}, {}};
  table.of_cases = true;
  for (const CaseSeries& entry : series)
    table.rows.push_back({entry.id, fmt::to_string(entry.durations_s.size()),
                          fmt::format("{:.2f}", entry.durations_s.back() * 1e6),
                          percent(entry.durations_s.back() / entry.durations_s.front() - 1),
                          sparkline(entry.durations_s, shown)});
  std::string out = table_text(table, columns);
  for (const std::string& line : crept_lines(history, series, found))
    out += wrapped(fmt::format("crept: {}", line), columns) + "\n";
  return out;
}

std::vector<std::string> crept_lines(const History& history, const std::vector<CaseSeries>& series,
                                     const std::vector<CaseTrend>& found) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < series.size(); ++i)
    if (found[i].crept)
      lines.push_back(fmt::format("{}: {}", one_line(series[i].id),
                                  crept_words(series[i], *found[i].crept, history)));
  return lines;
}

}  // namespace perfgate
