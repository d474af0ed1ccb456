// Questions about one case over all processes of a run: what judge and baseline both ask.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "record.h"

namespace perfgate {

/// Everything that a run holds about one case.
struct CaseView {
  std::vector<double> durations_s;        ///< the process statistics, in process order
  double slowest_s = 0;                   ///< the slowest placement that any process saw
  std::map<std::string, double> metrics;  ///< median over the counter processes
  Stabilities stability;                  ///< of the metrics, the worst that was seen
  std::set<std::string> doubtful;         ///< ids of the metrics that some process doubts
  std::vector<KernelLaunch> kernels;      ///< of the first process that tells
  bool kernels_changed = false;           ///< another process ran other kernels
  const CaseCheck* failed_check = nullptr;
  std::optional<std::string> failure;  ///< the first one, in the runner's words
};

CaseView view_case(const RunRecord& run, std::string_view case_id);

/// Keeps the cases that match one of `globs` (all when there is none), in the plan and in every
/// process. False when none would be left: then nothing is changed.
bool keep_cases(RunRecord& run, const std::vector<std::string>& globs);

/// How many timing processes measured something, and whether a counters process did.
int timing_processes(const RunRecord& run);
bool has_counters(const RunRecord& run);

/// Medians over the processes that measured them.
std::optional<Sentinels> median_sentinels(const RunRecord& run);

/// The first process that died, if any: "timing process 2 of 6: <what happened>".
std::optional<std::string> first_process_error(const RunRecord& run);

}  // namespace perfgate
