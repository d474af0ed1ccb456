// SPDX-License-Identifier: Apache-2.0
#include "gate/history/history_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::array<std::string_view, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::size_t shown_runs = 24;
constexpr std::size_t widest_name = 44;

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
  constexpr std::size_t numbers = 2 + 4 + 2 + 10 + 2 + 8 + 2;  // of a row, with its gaps
  std::size_t width = 4;
  for (const CaseSeries& entry : series)
    width = std::max(width, std::min(entry.id.size(), widest_name));
  const std::size_t room = columns - std::min(columns, width + numbers);
  std::string out = fmt::format("{:<{}}  {:>4}  {:>10}  {:>8}  {}\n", "case", width, "runs",
                                "now us", "change", "newest");
  for (const CaseSeries& entry : series)
    out += fmt::format("{:<{}}  {:>4}  {:>10.2f}  {:>8}  {}\n",
                       clipped_characters(one_line(entry.id), widest_name), width,
                       entry.durations_s.size(), entry.durations_s.back() * 1e6,
                       percent(entry.durations_s.back() / entry.durations_s.front() - 1),
                       sparkline(entry.durations_s, std::min(shown_runs, room)));
  for (const std::string& line : crept_lines(history, series, found))
    out += fmt::format("crept: {}\n", line);
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
