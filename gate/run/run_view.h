// Questions about one case over all processes of a run: what judge and baseline both ask.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gate/record/record.h"

namespace perfgate {

/// Everything that a run holds about one case of the build under test.
struct CaseView {
  std::vector<double> durations_s;     ///< process statistics of the screen, in process order
  std::vector<const Timing*> timings;  ///< where these are from
  std::vector<double> rounds_s;        ///< of the confirmation, by round
  std::vector<double> rounds_base_s;   ///< of the base build in the same rounds; empty: was not run
  std::map<std::string, double> metrics;  ///< median over the counter processes
  Stabilities stability;                  ///< of the metrics, the worst that was seen
  std::set<std::string> doubtful;         ///< ids of the metrics that some process doubts
  std::vector<KernelLaunch> kernels;      ///< of the first process that tells; codes of any
  bool kernels_changed = false;           ///< another process ran other kernels
  const CaseCheck* failed_check = nullptr;
  std::optional<std::string> failure;  ///< the first one, in the runner's words
};

/// The views of all cases of a run, made in one pass over it; the run must outlive them.
class CaseViews {
 public:
  explicit CaseViews(const RunRecord& run);
  /// An empty view for a case of which no process says anything.
  const CaseView& operator[](std::string_view case_id) const;

 private:
  std::unordered_map<std::string_view, CaseView> m_views;
};

/// Keeps the cases that match one of `globs` (all when there is none), in the plan and in every
/// process. False when none would be left: then nothing is changed.
bool keep_cases(RunRecord& run, const std::vector<std::string>& globs);

/// The base build's part of an interleaved run, as if it had been a run of its own.
RunRecord base_side(const RunRecord& run);

/// Whether every case of `plan` that is no whole of others was compared with its reference by some
/// process of this side, and all of them passed: the same build need not do it again.
bool all_checked(const RunRecord& run, const Plan& plan, Side side);

/// The timelines of the first head process that has some and is valid; none in older records.
std::vector<StepTimeline> timelines_of(const RunRecord& run);

/// How many timing processes measured the whole plan, and whether a counters process did.
int timing_processes(const RunRecord& run);
bool has_counters(const RunRecord& run);

/// Medians over the processes that measured them: those that measured the whole plan, or the rounds
/// of the confirmation.
enum class Phase { screen, rounds };
std::optional<Sentinels> median_sentinels(const RunRecord& run, Phase phase = Phase::screen);

/// The first process that died, if any: "timing process 2 of 6: <what happened>".
std::optional<std::string> first_process_error(const RunRecord& run);

}  // namespace perfgate
