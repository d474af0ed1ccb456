// SPDX-License-Identifier: Apache-2.0
// A run's result, verdicts and analyses side by side. It holds everything that a printer needs: no
// printer looks at a policy, a baseline or a record again.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/diagnose/case_analysis.h"
#include "gate/judge/case_verdict.h"
#include "gate/judge/launch_match.h"
#include "gate/record/record.h"
#include "gate/util/exit_code.h"

namespace perfgate {

/// The schema of the result file, which render_json() writes and read_result() reads.
inline constexpr int result_schema = 2;

/// A line of a file of the user's repository.
struct SourcePlace {
  std::string file;  ///< from the repository's top
  int line = 1;

  bool operator==(const SourcePlace&) const = default;
};

/// One row: a case, its verdict and the explanation.
struct CaseReport : CaseVerdict, CaseAnalysis {
  std::string group, part;             ///< id == group + "/" + part
  std::vector<std::string> whole_of;   ///< ids of the cases that it is made of
  std::optional<double> bytes;         ///< bytes that the case must move through HBM, where known
  std::optional<SourcePlace> place{};  ///< where its annotation belongs; empty: not known
  std::string machine_code{};          ///< how it differs between the builds; "": not compared
};

/// The conditions under which one process of the run measured.
struct ProcessConditions {
  ProcessKind kind = ProcessKind::timing;
  Side side = Side::head;
  int round = 0;
  double wall_s = 0;
  std::optional<Sentinels> sentinels;
  std::optional<Conditions> conditions;
  std::string problem;  ///< why the process does not count; "": it counts
};

/// Where the run comes from.
enum class Origin { live, replay, saved, profile };
struct OriginInfo {
  Origin origin;
  std::string_view id;
  std::string_view banner;  ///< every format prints it first; "" for a live run
};
inline constexpr std::array<OriginInfo, 4> origins{{
    {Origin::live, "live", ""},
    {Origin::replay, "replay", "REPLAY of a recorded run: nothing was measured on this machine"},
    {Origin::saved, "saved", "saved run: nothing was measured now"},
    {Origin::profile, "profile", "profile: measured, and compared with nothing"},
}};
constexpr const OriginInfo& origin_info(Origin origin) {
  return origins[static_cast<std::size_t>(origin)];
}

struct Report {
  Origin origin = Origin::live;
  std::string perfgate, gpu_id, gpu_name;
  std::string commit;  ///< of the measured tree, "-dirty" when it was changed; "": unknown
  /// The head of the pull request whose merge into its base `commit` is; "": it is no merge, or not
  /// known to be one.
  std::string head{};
  std::string compute_capability{};  ///< "9.0"; "": not known, as of a result that was read back
  int sm_count = 0;                  ///< 0: not known
  std::string created{};             ///< when it was measured: UTC, ISO 8601; "" in older results
  std::string conditions;            ///< one line: driver, CUDA, clocks, date of the run
  std::string against;               ///< one line: what the run was compared with
  std::vector<Metric> metrics;
  std::vector<CaseReport> cases;
  std::vector<std::string> notes;            ///< what a reader must know besides the rows
  std::vector<ProcessConditions> processes;  ///< in the order in which they ran
  std::vector<StepTimeline> timelines;       ///< the build under test's; older records have none
  double wall_s = 0;
  ExitCode exit_code = ExitCode::no_verdict;

  std::size_t count(Verdict verdict) const { return count_verdict(cases, verdict); }
  /// Returns how many cases could not be judged.
  std::size_t failed() const { return count_failed(cases); }
};

/// Whether the measured tree had changes that are in no commit.
bool has_uncommitted(const Report& report);

/// Notes that, unless the report does already: what is said of a commit is then not of it alone.
void note_uncommitted(Report& report);

/// `perfgate: FAIL: 2 regressed, 37 passed, 1 inconclusive (h100, 8.4 s)`, in at most 100
/// characters unless the GPU's id is long: the last counts are one, where there are many.
std::string verdict_sentence(const Report& report);

/// All cases, the worst verdicts first; of one verdict in the report's order.
std::vector<const CaseReport*> worst_first(const Report& report);

/// Whether the cause of the change says more than the verdict's reason. That no cause was found
/// does so only where a change is proved.
bool names_cause(const CaseReport& entry);

/// Returns at most a few words on why a case has its verdict, for a column: the cause of its change
/// where one was found, else its reason.
std::string headline(const CaseReport& entry);

/// Returns "machine code of attention: instructions 412 to 530 (FFMA +96)"; "" where it was not
/// compared, or is the same.
std::string machine_code_words(const CaseReport& entry);

/// Returns "worse coalescing: L1 sectors ... slower by +12.0 %, ...": the cause with its evidence
/// where one was found, else the reason's title; then the reason with its numbers. Not for a case
/// that passed.
std::string full_reason(const CaseReport& entry);

/// PASS, FAIL, NO VERDICT
std::string_view verdict_word(ExitCode code);

/// The same of a report; PROFILE where nothing was to be judged.
std::string_view headword(const Report& report);

}  // namespace perfgate
