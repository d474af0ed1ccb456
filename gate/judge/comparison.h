// SPDX-License-Identifier: Apache-2.0
// A run beside the baseline that it is judged against. What judge and diagnosis need from the two
// is looked up here, once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/baseline/baseline.h"
#include "gate/judge/launch_match.h"
#include "gate/record/record.h"
#include "gate/run/run_view.h"

namespace perfgate {

/// The two sides' launches of one case; a case that is made of others has none.
struct Launches {
  const std::vector<KernelLaunch>&base, &head;
};

/// Whether the baseline knows the run's board.
enum class BoardMatch {
  own,   ///< some session is of this board
  pool,  ///< none is, but they are of several boards, so how far boards differ is in their scatter
  other  ///< all are of one other board
};

/// Refers to its run, which must outlive it.
class Comparison {
 public:
  Comparison(const RunRecord& run, const Baseline& baseline);
  Comparison(const Comparison&) = delete;
  Comparison& operator=(const Comparison&) = delete;

  const RunRecord& run() const { return m_run; }
  /// Returns the baseline without the metrics that it defines otherwise than the run.
  const Baseline& baseline() const { return m_baseline; }
  /// Returns the ids of those metrics.
  const std::vector<std::string>& other_metrics() const { return m_other_metrics; }

  /// Returns what the run says about a case of the build under test.
  const CaseView& head(std::string_view case_id) const { return m_views[case_id]; }
  /// Returns what the run says about a case of the base build; an empty view where it was not run.
  const CaseView& base_build(std::string_view case_id) const { return m_base_views[case_id]; }
  /// Returns what the baseline says about a case; null: it does not have the case.
  const BaselineCase* base(std::string_view case_id) const { return find(m_stored, case_id); }

  /// Base's launches are the base build's own where it ran, else the stored ones.
  Launches launches(std::string_view case_id) const;
  /// Whether both sides ran the same code; of a case that is made of others, over its parts.
  CodeMatch code_match(const Case& planned) const;
  /// The same against the stored launches alone, whichever build ran as base.
  CodeMatch stored_code_match(const Case& planned) const;

  /// Whether the screen was to have a base build beside it, whatever became of that.
  bool screened_beside_base_build() const;
  /// Returns the first process of the base build that died, if any.
  std::optional<std::string> base_build_error() const;

  /// Returns medians over the processes of the screen, or of the rounds; those of the other phase
  /// where this one measured none, as the rounds of a program do not.
  const std::optional<Sentinels>& sentinels(Phase phase) const {
    return phase == Phase::screen ? m_screen_sentinels : m_rounds_sentinels;
  }
  BoardMatch board_match() const;
  /// Returns the stored sessions that the run is compared with, of those in `stored`: its own
  /// board's, where these are so many that they tell how far sessions differ; else all.
  std::vector<int> sessions_to_compare(const std::vector<int>& stored) const;
  /// Whether a session is of the run's own board.
  bool is_own(int session) const;
  /// Returns medians over the sessions that the run is compared with; none where one of them has
  /// no sentinels.
  std::optional<Sentinels> stored_sentinels() const;

 private:
  const std::vector<KernelLaunch>& stored_launches(std::string_view case_id) const;

  const RunRecord& m_run;
  const std::vector<std::string> m_other_metrics;
  const Baseline m_baseline;
  const RunRecord m_base_build;  ///< the base build's part of an interleaved run
  const CaseViews m_views, m_base_views;
  const BaselineIndex m_stored;
  const std::vector<KernelLaunch> m_none;
  const std::optional<Sentinels> m_screen_sentinels, m_rounds_sentinels;
};

}  // namespace perfgate
