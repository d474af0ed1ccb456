// SPDX-License-Identifier: Apache-2.0
// Answers questions about one case over all processes of a run: those that judge and baseline
// share.
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

/// What a run holds about one case of the build under test.
struct CaseView {
  std::vector<double> durations_s;  ///< process statistics of the screen, in process order
  /// The base build's in pairs with these, and as many; empty: it was not run beside them.
  std::vector<double> durations_base_s;
  std::vector<const Timing*> timings;         ///< the timings of the head's durations
  std::vector<const Timing*> rounds_timings;  ///< of the head, of the confirmation
  std::vector<double> rounds_s;               ///< process statistics of the confirmation, by round
  /// The base build's, in the same rounds; empty: it was not run.
  std::vector<double> rounds_base_s;
  std::map<std::string, double> metrics;  ///< median over the counter processes
  Stabilities stability;                  ///< the worst stability of each metric that was seen
  std::set<std::string> doubtful;         ///< ids of the metrics that any process doubts
  /// What was counted again to explain a change (gate/measure/recount.h); it judges nothing.
  std::map<std::string, double> explaining;
  std::set<std::string> doubtful_explaining;
  /// From the first process that has them; codes from any process.
  std::vector<KernelLaunch> kernels;
  bool kernels_changed = false;  ///< another process ran other kernels
  const CaseCheck* failed_check = nullptr;
  bool checked = false;  ///< some process compared it with its reference, and it passed
  std::optional<std::string> failure;  ///< the first failure, in the runner's words
};

/// The views of all cases of a run, made in one pass over it; the run must outlive them.
class CaseViews {
 public:
  explicit CaseViews(const RunRecord& run);
  /// Returns an empty view for a case that no process mentions.
  const CaseView& operator[](std::string_view case_id) const;

 private:
  std::unordered_map<std::string_view, CaseView> m_views;
};

/// Keeps the cases that match one of `globs` (all when there are none), in the plan and in every
/// process. Each glob has to match a case: see first_without_match() in text.h.
void keep_cases(RunRecord& run, const std::vector<std::string>& globs);

/// Whether the check is missing that this case must have: its source has references, and no process
/// compared the case with its own. A whole of other cases is checked by its parts.
bool lacks_check(const Case& planned, const Plan& plan, const CaseView& view);

/// Returns the base build's part of an interleaved run as a run of its own.
RunRecord base_side(const RunRecord& run);

/// Whether some process of this side compared every case of `plan` with its reference, except
/// wholes of other cases, and all of them passed: the same build need not repeat it.
bool all_checked(const RunRecord& run, const Plan& plan, Side side);

/// Returns the timelines of the first head process that has some and is valid; none in older
/// records.
std::vector<StepTimeline> timelines_of(const RunRecord& run);

/// Returns how many timing processes measured the whole plan, and whether a counters process did.
int timing_processes(const RunRecord& run);
bool has_counters(const RunRecord& run);

/// Which processes a median is taken over: those that measured the whole plan, or the rounds of the
/// confirmation.
enum class Phase { screen, rounds };
std::optional<Sentinels> median_sentinels(const RunRecord& run, Phase phase = Phase::screen);
/// Returns the median of each roof; empty: of none.
std::optional<Sentinels> median_of(const std::vector<Sentinels>& sentinels);

/// Returns the first process that died, if any: "timing process 2 of 6: <what happened>".
std::optional<std::string> first_process_error(const RunRecord& run);

}  // namespace perfgate
