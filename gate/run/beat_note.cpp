// SPDX-License-Identifier: Apache-2.0
#include "gate/run/beat_note.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gate/run/run_view.h"
#include "gate/run/validity.h"
#include "gate/util/stats.h"

namespace perfgate {

std::optional<MemoryBeat> memory_beat_of(const RunRecord& run) {
  for (const ProcessRecord& process : run.processes)
    if (process.memory_beat && process.side == Side::head && !validate(process, run))
      return process.memory_beat;
  return std::nullopt;
}

std::optional<int> beats_in(double period_s, const MemoryBeat& beat) {
  constexpr double of_period = 0.03, of_beat = 0.1;
  const double beats = period_s / beat.period_s, nearest = std::round(beats);
  const double off = std::abs(beats - nearest);
  if (nearest < 1 || off > of_beat || off > of_period * beats) return std::nullopt;
  return static_cast<int>(nearest);
}

std::vector<std::string> beat_notes(const RunRecord& run) {
  std::vector<std::string> notes;
  const std::optional<MemoryBeat> beat = memory_beat_of(run);
  if (!beat) return notes;
  const bool waits = std::any_of(run.processes.begin(), run.processes.end(),
                                 [](const ProcessRecord& process) { return process.dither; });
  const CaseViews views(run);
  for (const Case& planned : run.plan.cases) {
    const std::vector<double>& durations_s = views[planned.id].durations_s;
    if (planned.whole_of.empty() || durations_s.empty()) continue;
    const double period_s = median(durations_s);
    if (beats_in(period_s, *beat))
      notes.push_back(
          fmt::format("{} takes {:.2f} us, {:.2f} times the memory's beat of {:.2f} us: {}",
                      planned.id, period_s * 1e6, period_s / beat->period_s, beat->period_s * 1e6,
                      waits ? "measured without random waits, the beat would hit the same ones of "
                              "its parts every time"
                            : "where it is repeated at that distance, the beat hits the same ones "
                              "of its parts every time"));
  }
  return notes;
}

}  // namespace perfgate
