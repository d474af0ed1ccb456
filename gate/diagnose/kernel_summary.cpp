// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/kernel_summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/record/samples.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// The durations of each launch in the step that is shown.
std::vector<LaunchTimes> shown_times(const StepTimeline& timeline) {
  std::vector<Samples> durations_s(timeline.launches.size());
  for (const KernelSpan& span : timeline.kernels)
    durations_s[span.launch].push_back(span.end_s - span.start_s);
  std::vector<LaunchTimes> out;
  for (std::size_t i = 0; i < durations_s.size(); ++i)
    if (!durations_s[i].empty()) out.push_back(times_of(i, durations_s[i]));
  return out;
}

}  // namespace

StepSummary summarize(const StepTimeline& timeline) {
  StepSummary summary;
  double end_s = 0;
  for (const KernelSpan& span : timeline.kernels) {
    summary.repetitions = std::max(summary.repetitions, span.repetition + 1);
    // Kernels are ordered by start: only time after every end so far is new.
    summary.busy_s += std::max(0.0, span.end_s - std::max(span.start_s, end_s));
    end_s = std::max(end_s, span.end_s);
  }
  summary.span_s = end_s - timeline.kernels.front().start_s;
  const bool all = !timeline.all.empty();
  summary.of = all ? count_of(static_cast<std::size_t>(timeline.steps), "occurrence")
                   : fmt::format("a step of {} repetitions", summary.repetitions);
  double all_s = 0;
  for (const LaunchTimes& times : all ? timeline.all : shown_times(timeline)) {
    summary.launches.push_back({times, 0});
    all_s += times.total_s;
  }
  for (LaunchSummary& entry : summary.launches) entry.share = all_s > 0 ? entry.total_s / all_s : 0;
  std::stable_sort(
      summary.launches.begin(), summary.launches.end(),
      [](const LaunchSummary& a, const LaunchSummary& b) { return a.total_s > b.total_s; });
  return summary;
}

std::vector<KernelSpan> typical_repetition(const StepTimeline& timeline) {
  const int chosen = timeline.kernels[timeline.kernels.size() / 2].repetition;
  std::vector<KernelSpan> kernels;
  for (const KernelSpan& span : timeline.kernels)
    if (span.repetition == chosen) kernels.push_back(span);
  return kernels;
}

}  // namespace perfgate
