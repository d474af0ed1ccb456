// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/time_breakdown.h"

#include <cmath>

namespace perfgate {

std::optional<double> log_change(const MetricPairs& metrics, const char* id) {
  const auto found = metrics.find(id);
  if (found == metrics.end()) return std::nullopt;
  const auto& [base, head, doubtful] = found->second;
  if (!base || !head || !(*base > 0) || !(*head > 0)) return std::nullopt;
  return std::log(*head / *base);
}

std::optional<TimeBreakdown> break_down(const MetricPairs& metrics) {
  const auto time = log_change(metrics, "gpu_time");
  const auto instructions = log_change(metrics, "instructions");
  const auto ipc = log_change(metrics, "ipc");
  const auto clock = log_change(metrics, "sm_clock");
  if (!time || !instructions || !ipc || !clock) return std::nullopt;
  const MetricPair& durations = metrics.at("gpu_time");
  const double rest = *time - *instructions + *ipc + *clock;
  return TimeBreakdown{*durations.base, *durations.head, *instructions, -*ipc, -*clock, rest};
}

}  // namespace perfgate
