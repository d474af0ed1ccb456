// SPDX-License-Identifier: Apache-2.0
// A result in the formats of the tools that keep, plot or collect such numbers.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "gate/report/report.h"

namespace perfgate {

struct Exporter {
  std::string_view id, meaning;
  std::string (*write)(const Report& report);
};

/// Bencher's Metric Format: a latency in nanoseconds by case, between the fastest and the slowest
/// process; counters under their own names.
std::string write_bmf(const Report& report);

/// github-action-benchmark, tool `customSmallerIsBetter`. Throws UsageError when no case has a
/// duration, because the action takes an empty list for a failure.
std::string write_gab(const Report& report);

/// OpenMetrics, which Prometheus' textfile collector reads too: gauges only and no time stamps.
std::string write_openmetrics(const Report& report);

/// CTRF: a test for each case. Its durations are whole milliseconds, so microseconds are labels.
std::string write_ctrf(const Report& report);

inline constexpr std::array<Exporter, 4> exporters{{
    {"bmf", "Bencher Metric Format", write_bmf},
    {"gab", "github-action-benchmark, customSmallerIsBetter", write_gab},
    {"openmetrics", "OpenMetrics, and Prometheus' textfile collector", write_openmetrics},
    {"ctrf", "Common Test Report Format", write_ctrf},
}};

}  // namespace perfgate
