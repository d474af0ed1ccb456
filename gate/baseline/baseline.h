// The stored reference of one GPU: baselines/<gpu>.toml. Canonical order and one line a metric, so
// that a refresh reads well in a diff. Written only by `perfgate baseline refresh`, and closed with
// a checksum (checksum.h), so that an edit by hand is found.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gate/baseline/source_settings.h"
#include "gate/record/record.h"

namespace perfgate {

/// The card that is judged.
struct Board {
  std::string gpu_id;
  std::string uuid;  ///< "": unknown
};
Board board_of(const RunRecord& run);

/// What the board's own baseline is called: "h100.eed0a850.toml"; without a UUID as any other's.
std::string board_file(const Board& board);

inline constexpr int baseline_schema = 2;

struct BaselineCase {
  std::string id;
  std::vector<double> durations_s;        ///< one process statistic a process, not just a mean
  std::map<std::string, double> metrics;  ///< SI, the median over the counter processes
  std::vector<KernelLaunch> kernels;
  Stabilities stability{};  ///< of the metrics; empty: unknown
  /// Of the refresh that measured this case alone; empty: the file's, as for all others.
  std::string created{}, commit{};
};

/// A change of a case that was taken over into the baseline on purpose.
struct Accepted {
  std::string case_id, why;
  std::string when;             ///< UTC, ISO 8601
  double old_s = 0, new_s = 0;  ///< medians of the process statistics
};

struct Baseline {
  std::string gpu_id;
  GpuFingerprint gpu;
  ClockPolicy clocks = ClockPolicy::observe;
  std::string perfgate, commit, created, command;  ///< provenance
  std::optional<Sentinels> sentinels;              ///< medians over the processes
  std::vector<Accepted> accepted{};                ///< of the cases as they are now
  std::vector<BaselineCase> cases{};               ///< in the plan's order
  SourceSettings settings{};

  const BaselineCase* find(std::string_view id) const;
};

/// The cases of a baseline by id, for many look-ups; the baseline must outlive it.
using BaselineIndex = std::unordered_map<std::string_view, const BaselineCase*>;
BaselineIndex index_cases(const Baseline& baseline);

/// The case with this id; null: it is not there.
const BaselineCase* find(const BaselineIndex& index, std::string_view id);

/// What a run would be as a baseline. Cases without a timing are left out; `refresh` refuses them
/// before it comes here.
Baseline make_baseline(const RunRecord& run);

/// The text with its checksum.
std::string write_baseline(const Baseline& baseline);

/// What puts a baseline right that was edited by hand or is incomplete.
inline constexpr std::string_view refresh_fix = "measure it again with `perfgate baseline refresh`";

/// Strict: throws UsageError "file:line: key: text". A text that does not fit its checksum is
/// refused, one without a checksum is not: files of older versions have none.
Baseline read_baseline(std::string_view text, const std::string& source);

/// One line a case that differs: old and new duration and the change; then added and removed ones.
std::vector<std::string> diff_baselines(const Baseline& before, const Baseline& after);

}  // namespace perfgate
