// SPDX-License-Identifier: Apache-2.0
// A result, or a history, in the formats of the tools that keep, plot or collect such numbers.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "gate/history/history.h"
#include "gate/report/report.h"

namespace perfgate {

/// Returns seconds since 1970 of an ISO 8601 time in UTC.
using EpochSeconds = std::int64_t (*)(const std::string& utc);

struct Exporter {
  std::string_view id, meaning;
  std::string (*write)(const Report& report);
  /// Of a history with at least one run. Null: the format has no place for it.
  std::string (*write_history)(const History& history, EpochSeconds seconds);
};

/// Bencher's Metric Format: a latency in nanoseconds by case, between the fastest and the slowest
/// process; counters under their own names.
std::string write_bmf(const Report& report);
/// The newest run: a file of this format is of one commit.
std::string write_bmf_history(const History& history, EpochSeconds seconds);

/// github-action-benchmark, tool `customSmallerIsBetter`. Throws UsageError when no case has a
/// duration, because the action takes an empty list for a failure.
std::string write_gab(const Report& report);
/// The `data.js` of its page, with every run.
std::string write_gab_history(const History& history, EpochSeconds seconds);

/// OpenMetrics, which Prometheus' textfile collector reads too: gauges only and no time stamps.
std::string write_openmetrics(const Report& report);
/// Every run with its time stamp, as `promtool tsdb create-blocks-from openmetrics` takes them.
std::string write_openmetrics_history(const History& history, EpochSeconds seconds);

/// CTRF: a test for each case. Its durations are whole milliseconds, so microseconds are labels.
std::string write_ctrf(const Report& report);

inline constexpr std::array<Exporter, 4> exporters{{
    {"bmf", "Bencher Metric Format", write_bmf, write_bmf_history},
    {"gab", "github-action-benchmark, customSmallerIsBetter", write_gab, write_gab_history},
    {"openmetrics", "OpenMetrics, and Prometheus' textfile collector", write_openmetrics,
     write_openmetrics_history},
    {"ctrf", "Common Test Report Format", write_ctrf, nullptr},
}};

}  // namespace perfgate
