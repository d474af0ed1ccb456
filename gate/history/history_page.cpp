// SPDX-License-Identifier: Apache-2.0
#include "gate/history/history_page.h"

#include <fmt/format.h>

#include <cmath>

#include "gate/report/page_template.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Five digits in microseconds: what a chart can show. A page of 2,000 runs and 200 cases holds
/// 400,000 of them.
Json microseconds(double seconds) {
  const double us = seconds * 1e6;
  const double unit = std::pow(10, std::floor(std::log10(us)) - 4);
  // A power of ten below 1 has no exact double, its inverse has.
  return unit < 1 ? std::round(us * std::round(1 / unit)) / std::round(1 / unit)
                  : std::round(us / unit) * unit;
}

Json case_data(const History& history, const CaseSeries& series, const CaseTrend& trend) {
  Json us = Json::array(), verdicts = Json::array(), steps = Json::array();
  std::size_t next = 0;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (next == series.runs.size() || series.runs[next] != i) {
      us.push_back(nullptr);
      continue;
    }
    us.push_back(microseconds(series.durations_s[next]));
    if (const HistoryCase* entry = history[i].find(series.id); entry && !entry->verdict.empty())
      verdicts.push_back({i, entry->verdict});
    ++next;
  }
  for (const ChangePoint& step : trend.steps)
    steps.push_back({series.runs[step.index], step.ratio});
  Json out{{"case", series.id}, {"us", us}, {"verdicts", verdicts}, {"steps", steps}};
  if (trend.crept) out["crept"] = crept_words(series, *trend.crept, history);
  return out;
}

Json page_data_of(const History& history, const std::vector<CaseSeries>& series,
                  const std::vector<CaseTrend>& found, const std::string& repository) {
  Json runs = Json::array(), cases = Json::array();
  for (const HistoryRun& run : history)
    runs.push_back({{"commit", run.commit}, {"created", run.created}});
  for (const bool crept : {true, false})
    for (std::size_t i = 0; i < series.size(); ++i)
      if (found[i].crept.has_value() == crept)
        cases.push_back(case_data(history, series[i], found[i]));
  return {{"repository", repository}, {"runs", std::move(runs)}, {"cases", std::move(cases)}};
}

std::string sentence_of(const History& history, const std::vector<CaseSeries>& series,
                        const std::vector<CaseTrend>& found) {
  std::size_t crept = 0;
  for (const CaseTrend& trend : found) crept += trend.crept.has_value();
  return fmt::format("{} of {}, {} to {}: {} crept", count_of(history.size(), "run"),
                     count_of(series.size(), "case"), history.front().created.substr(0, 10),
                     history.back().created.substr(0, 10), crept);
}

}  // namespace

std::string history_page(const History& history, const std::vector<CaseSeries>& series,
                         const std::vector<CaseTrend>& found, const std::string& repository,
                         std::string_view version) {
  return fill_page(history_html.text, [&](std::string_view place) -> std::string {
    if (place == "policy") return page_policy(history_js);
    if (place == "style") return std::string(page_css.text);
    if (place == "charts") return std::string(chart_js.text);
    if (place == "script") return std::string(history_js.text);
    if (place == "data") return script_json(page_data_of(history, series, found, repository));
    if (place == "title") return markup_text("History of " + history.back().gpu_id);
    if (place == "gpu") return markup_text(history.back().gpu_id);
    if (place == "sentence") return markup_text(sentence_of(history, series, found));
    if (place == "version") return markup_text(version);
    return "";
  });
}

}  // namespace perfgate
