// SPDX-License-Identifier: Apache-2.0
// Diagnosis in the run: what is proved to be slower is counted again with the metric set that
// explains, by the head and by the base build where there is one, so that the reader gets the cause
// and not the advice to collect more. What is counted here judges nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/measure/measure.h"
#include "gate/measure/measure_program.h"

namespace perfgate {

/// The metric set with the counters of every cause.
inline constexpr std::string_view explaining_set = "explain";

struct Recount {
  std::vector<std::string> cases;
  std::vector<Metric> metrics;
};

/// Returns those of `metrics` that are in the set.
std::vector<Metric> explaining_metrics(const std::vector<Metric>& metrics);

/// Adds one counters process of each build of the request, as round 1, and their metrics to the
/// run's plan. A process that fails twice leaves the run as it was judged, with what happened in
/// the record. Throws as measure() does.
void count_again(RunRecord& run, const MeasureRequest& request, const Recount& recount,
                 const Progress& progress);

/// The same for a program: its command is started once more, with the counters of these cases kept.
void count_program_again(ProgramRun& run, const MeasureRequest& request, const ProgramTask& task,
                         const Recount& recount, const Progress& progress);

}  // namespace perfgate
