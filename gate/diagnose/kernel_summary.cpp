// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/kernel_summary.h"

#include <algorithm>

namespace perfgate {

StepSummary summarize(const StepTimeline& timeline) {
  StepSummary summary;
  std::vector<LaunchSummary> launches(timeline.launches.size());
  double all_s = 0, end_s = 0;
  for (const KernelSpan& span : timeline.kernels) {
    const double duration_s = span.end_s - span.start_s;
    LaunchSummary& entry = launches[span.launch];
    entry.launch = span.launch;
    entry.min_s = entry.instances ? std::min(entry.min_s, duration_s) : duration_s;
    entry.max_s = std::max(entry.max_s, duration_s);
    entry.total_s += duration_s;
    ++entry.instances;
    all_s += duration_s;
    summary.repetitions = std::max(summary.repetitions, span.repetition + 1);
    // Kernels are ordered by start: only time after every end so far is new.
    summary.busy_s += std::max(0.0, span.end_s - std::max(span.start_s, end_s));
    end_s = std::max(end_s, span.end_s);
  }
  summary.span_s = end_s - timeline.kernels.front().start_s;
  for (LaunchSummary& entry : launches) {
    if (entry.instances == 0) continue;
    entry.share = all_s > 0 ? entry.total_s / all_s : 0;
    summary.launches.push_back(entry);
  }
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
