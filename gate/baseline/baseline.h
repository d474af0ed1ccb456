// SPDX-License-Identifier: Apache-2.0
// The stored reference of one GPU: baselines/<gpu>.toml. It has a canonical order and one line for
// each metric, so that a refresh reads well in a diff. Only `perfgate baseline refresh` writes it;
// a checksum (checksum.h) reveals an edit by hand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gate/baseline/source_settings.h"
#include "gate/record/record.h"

namespace perfgate {

/// The board that is judged.
struct Board {
  std::string gpu_id;
  std::string uuid;  ///< "": unknown
};
Board board_of(const RunRecord& run);

/// Returns the name of the board's own baseline: "h100.eed0a850.toml"; without a UUID it is the
/// GPU's.
std::string board_file(const Board& board);

inline constexpr int baseline_schema = 3;
/// The oldest schema that is still read: one invocation, its processes in one list for each case.
inline constexpr int oldest_baseline_schema = 2;

/// The beat of the device memory (gate/record/memory_beat.h) as a session's board had it.
struct SessionBeat {
  double period_s = 0, length_s = 0;
};

/// One invocation on one board: what differs between invocations and boards of the same code is
/// known only where there are several of them.
struct BaselineSession {
  std::string created, commit;           ///< UTC, ISO 8601; the tree's commit
  std::string board;                     ///< UUID
  std::optional<Sentinels> sentinels{};  ///< medians over its processes
  std::optional<SessionBeat> beat{};     ///< none: none was found, or nobody looked
};

struct BaselineCase {
  std::string id;
  /// One process statistic for each process, by the number of its session.
  std::map<int, std::vector<double>> sessions_s;
  std::map<std::string, double> metrics;  ///< SI, the median over the counter processes
  std::vector<KernelLaunch> kernels;
  Stabilities stability{};  ///< stability of the metrics; empty: unknown
  /// No part of the file: all samples, where the baseline is made of a run that kept them.
  std::vector<double> samples_s{};

  /// Returns the process statistics of all sessions.
  std::vector<double> durations_s() const;
};

/// A change of a case that was deliberately accepted into the baseline.
struct Accepted {
  std::string case_id, why;
  std::string when;             ///< UTC, ISO 8601
  double old_s = 0, new_s = 0;  ///< medians of the process statistics
};

/// The kernel that computes one GEMM of the built-in layer, [batch, k] * [n, k]^T (tuning.h).
struct StoredChoice {
  std::int64_t batch = 0, n = 0, k = 0;
  std::string dtype, variant;
  std::optional<double> margin{};  ///< as in GemmChoice

  bool operator==(const StoredChoice&) const = default;
};

struct Baseline {
  std::string gpu_id;
  GpuFingerprint gpu;  ///< of the newest session; ECC, MIG and power limit are those of all
  ClockPolicy clocks = ClockPolicy::observe;
  std::string perfgate, commit, created, command;  ///< provenance
  std::map<int, BaselineSession> sessions{};       ///< by number, oldest first
  std::vector<Accepted> accepted{};   ///< changes accepted in the cases as they are now
  std::vector<BaselineCase> cases{};  ///< in the plan's order
  SourceSettings settings{};
  /// Of the built-in layer's GEMMs, as its sessions were measured; what is judged by it takes the
  /// same kernels. None: what the runner takes by itself.
  std::vector<StoredChoice> tuning{};
  std::optional<std::uint64_t> seed{};               ///< the plan's; absent in older files
  std::map<std::string, std::string> definitions{};  ///< of the metrics (definition_of()), by id
  /// No part of the file: the ids of the cases that the judged change itself adds to it.
  std::set<std::string> added{};

  const BaselineCase* find(std::string_view id) const;
  /// Returns medians over the sessions that have sentinels.
  std::optional<Sentinels> sentinels() const;
  bool has_board(std::string_view uuid) const;
  std::size_t boards() const;  ///< how many boards its sessions are of
};

/// The cases of a baseline by id, for fast look-ups; the baseline must outlive it.
using BaselineIndex = std::unordered_map<std::string_view, const BaselineCase*>;
BaselineIndex index_cases(const Baseline& baseline);

/// Returns the case with this id; null: there is none.
const BaselineCase* find(const BaselineIndex& index, std::string_view id);

/// Keeps the cases that match one of `globs`; all when there are none.
void keep_cases(Baseline& baseline, const std::vector<std::string>& globs);

/// Returns why a run cannot be what others are judged by: it is invalid itself, a case of it has a
/// wrong result, or ran other kernels in one process than in another; empty: it can.
std::optional<std::string> unfit_as_base(const RunRecord& run);

/// Returns a run as a baseline of one session. Cases without a timing are left out; `refresh`
/// refuses them earlier.
Baseline make_baseline(const RunRecord& run);

/// Returns the text with its checksum.
std::string write_baseline(const Baseline& baseline);

/// The fix for a baseline that was edited by hand or is incomplete.
inline constexpr std::string_view refresh_fix = "measure it again with `perfgate baseline refresh`";

/// Reads strictly: throws UsageError "file:line: key: text". A text that does not match its
/// checksum is refused; a text without one is accepted: files of older versions have none.
Baseline read_baseline(std::string_view text, const std::string& source);

/// Returns one line for each case that differs: old and new duration and the change; then added and
/// removed cases.
std::vector<std::string> diff_baselines(const Baseline& before, const Baseline& after);

}  // namespace perfgate
