// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

#include "gate/exchange/exporter.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

/// One family with its head; the samples of a family must follow each other.
std::string family(std::string_view name, std::string_view unit, std::string_view help,
                   const std::string& samples) {
  if (samples.empty()) return "";
  std::string out = fmt::format("# TYPE {} gauge\n", name);
  if (!unit.empty()) out += fmt::format("# UNIT {} {}\n", name, unit);
  return out + fmt::format("# HELP {} {}\n", name, help) + samples;
}

}  // namespace

std::string write_openmetrics(const Report& report) {
  const std::string gpu = label_value(report.gpu_id);
  std::string durations, changes, found_verdicts;
  for (const CaseReport& entry : report.cases) {
    const std::string labels = fmt::format("gpu=\"{}\",case=\"{}\"", gpu, label_value(entry.id));
    const auto side = [&](const char* id, const std::optional<double>& seconds) {
      if (seconds)
        durations += fmt::format("perfgate_case_duration_seconds{{{},side=\"{}\"}} {}\n", labels,
                                 id, *seconds);
    };
    side("base", entry.base_s);
    side("head", entry.head_s);
    if (entry.change)
      changes += fmt::format("perfgate_case_change_ratio{{{}}} {}\n", labels, entry.change->effect);
    found_verdicts +=
        fmt::format("perfgate_case_verdict{{{},verdict=\"{}\",reason=\"{}\"}} 1\n", labels,
                    verdict_info(entry.verdict()).id, reason_info(entry.reason).id);
  }
  return family("perfgate_case_duration_seconds", "seconds",
                "Median of the process statistics of a case.", durations) +
         family("perfgate_case_change_ratio", "ratio",
                "How much longer the head takes than the base.", changes) +
         family("perfgate_case_verdict", "", "1 for the verdict that a case has.", found_verdicts) +
         family("perfgate_run_exit_code", "", "0: passed, 1: regressed, 3: no verdict.",
                fmt::format("perfgate_run_exit_code{{gpu=\"{}\"}} {}\n", gpu,
                            static_cast<int>(report.exit_code))) +
         family("perfgate_run_info", "", "What was measured.",
                fmt::format("perfgate_run_info{{gpu=\"{}\",gpu_name=\"{}\",commit=\"{}\","
                            "perfgate=\"{}\",conditions=\"{}\"}} 1\n",
                            gpu, label_value(report.gpu_name), label_value(report.commit),
                            label_value(report.perfgate), label_value(report.conditions))) +
         "# EOF\n";
}

std::string write_openmetrics_history(const History& history, EpochSeconds seconds) {
  const std::string gpu = label_value(history.back().gpu_id);
  std::vector<std::int64_t> times;
  for (const HistoryRun& run : history) times.push_back(seconds(run.created));
  // The samples of a series follow each other by time, and two runs of one second are no series.
  std::vector<std::size_t> order(history.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return times[a] < times[b]; });
  std::map<std::string, std::string> series;
  std::map<std::string, std::int64_t> last;
  std::string runs;
  for (const std::size_t index : order) {
    for (const HistoryCase& entry : history[index].cases) {
      const auto [known, is_new] = last.emplace(entry.id, times[index]);
      if (!is_new && known->second == times[index]) continue;
      known->second = times[index];
      series[entry.id] += fmt::format(
          "perfgate_case_duration_seconds{{gpu=\"{}\",case=\"{}\",side=\"head\"}} {} {}\n", gpu,
          label_value(entry.id), entry.duration_s, times[index]);
    }
    runs += fmt::format("perfgate_run_info{{gpu=\"{}\",commit=\"{}\",perfgate=\"{}\"}} 1 {}\n", gpu,
                        label_value(history[index].commit), label_value(history[index].perfgate),
                        times[index]);
  }
  std::string durations;
  for (const auto& [id, samples] : series) durations += samples;
  return family("perfgate_case_duration_seconds", "seconds",
                "Geometric mean of the process statistics of a case.", durations) +
         family("perfgate_run_info", "", "What was measured.", runs) + "# EOF\n";
}

}  // namespace perfgate
