// SPDX-License-Identifier: Apache-2.0
// The run record: everything that was measured, and under what conditions. It is the one format
// between perfgate and perfgate-runner: a request is a record without processes, a runner answers
// with the same record and one process in it, and a run is the sum of such answers.
// docs/formats.md describes the JSON.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/record/clock_policy.h"
#include "gate/record/conditions.h"
#include "gate/record/gpu_fingerprint.h"
#include "gate/record/kernel_launch.h"
#include "gate/record/memory_beat.h"
#include "gate/record/plan.h"
#include "gate/record/timeline.h"

namespace perfgate {

inline constexpr int record_schema = 2;

/// The samples of one case in one process.
struct Timing {
  std::string case_id;
  std::int64_t count = 0;
  double iq_mean_s = 0;  ///< the process statistic: mean over the placements of placements_s
  double median_s = 0, q1_s = 0, q3_s = 0, min_s = 0, max_s = 0;
  std::vector<double> samples_s;     ///< raw, in order; may have been left out of a saved record
  std::vector<double> placements_s;  ///< mean of the middle half of the samples at each placement

  bool operator==(const Timing&) const = default;
};

struct CaseKernels {
  std::string case_id;
  std::vector<KernelLaunch> launches;  ///< in launch order

  bool operator==(const CaseKernels&) const = default;
};

struct CaseMetrics {
  std::string case_id;
  std::map<std::string, double> values;  ///< metric id -> SI value, the median over repetitions
  Stabilities stability{};               ///< of the values; empty: unknown
  /// Metrics put together from several passes over kernels too short for that.
  std::vector<std::string> doubtful{};

  bool operator==(const CaseMetrics&) const = default;
};

/// A case against its reference.
struct CaseCheck {
  std::string case_id;
  std::optional<double> error;  ///< norm(out - ref) / norm(ref); absent: the output held a NaN
  double limit = 0;
  std::int64_t elements = 0;
  bool passed = false;

  bool operator==(const CaseCheck&) const = default;
};

/// A case that the process could not measure, and why.
struct CaseFailure {
  std::string case_id, why;
};

/// A metric that this chip or driver does not offer.
struct AbsentMetric {
  std::string metric, why;
};

/// The speed of two fixed kernels that no change of the user can touch.
struct Sentinels {
  double read_bytes_per_s = 0;
  double fma_flops = 0;
};

/// The random waits between the steps of a process: lengths uniform from 0 to the longest, drawn
/// from a seed of the process's own.
struct Dither {
  std::int64_t seed = 0;
  double longest_s = 0;  ///< 0: no waits

  bool operator==(const Dither&) const = default;
};

/// Where the measured program is not perfgate's own, a separate process measures the sentinels.
enum class ProcessKind { timing, counters, sentinels };
struct ProcessKindInfo {
  ProcessKind kind;
  std::string_view id;
};
inline constexpr std::array<ProcessKindInfo, 3> process_kinds{{
    {ProcessKind::timing, "timing"},
    {ProcessKind::counters, "counters"},
    {ProcessKind::sentinels, "sentinels"},
}};
std::string_view process_kind_id(ProcessKind kind);

/// Which build a process ran: the one under test, or the one that it is compared with.
enum class Side { head, base };
struct SideInfo {
  Side side;
  std::string_view id;
};
inline constexpr std::array<SideInfo, 2> sides{{{Side::head, "head"}, {Side::base, "base"}}};
std::string_view side_id(Side side);

/// What one fresh runner process found.
struct ProcessRecord {
  ProcessKind kind = ProcessKind::timing;
  Side side = Side::head;
  int round = 0;  ///< the confirmation round, from 1; 0: the process measured the whole plan
  double wall_s = 0;
  /// Seconds by phase, as the runner measured them from its first line on. The rest of wall_s is
  /// the program's start and end. Empty in older records.
  std::map<std::string, double> phases_s{};
  std::optional<std::string> error;  ///< the runner died or refused; the fields below are empty
  std::optional<Sentinels> sentinels;
  std::optional<MemoryBeat> memory_beat;  ///< absent: there is none, or it was not looked for
  std::optional<Dither> dither;           ///< absent: steps followed each other at once
  std::optional<int> passes;              ///< how many replays the counters needed
  std::vector<CaseCheck> checks;
  std::vector<CaseKernels> kernels;
  std::vector<Timing> timings;
  std::vector<CaseMetrics> metrics;
  std::vector<CaseFailure> failures;
  std::vector<AbsentMetric> absent;
  std::vector<StepTimeline> timelines;   ///< only one process of a run has them
  std::optional<Conditions> conditions;  ///< the GPU's; a process that died has them too
};

/// Whether both are of one process: the same wall time and the same measurements. Two processes
/// never measure the same nanoseconds in each statistic of each case. Raw samples are not compared:
/// a saved record may have left them out.
bool same_process(const ProcessRecord& a, const ProcessRecord& b);

struct RunRecord {
  std::string perfgate;  ///< the version
  std::string commit;    ///< the measured tree's commit; "" when unknown
  std::string created;   ///< UTC, ISO 8601
  std::string command;
  std::string gpu_id;
  ClockPolicy clocks = ClockPolicy::observe;
  ClockTarget clock_target;
  std::optional<GpuFingerprint> gpu;
  Plan plan;
  std::vector<ProcessRecord> processes;
  /// The globs of --only that the plan was cut down to; none: it holds all that was to be measured.
  std::vector<std::string> only{};
  /// The seed of the order in which the builds of a round ran; absent: no round ran, or an older
  /// record.
  std::optional<std::uint64_t> order_seed{};
};

enum class RawSamples { keep, leave_out };

/// Returns JSON text with one line for each leaf, ending in a newline.
std::string write_record(const RunRecord& record, RawSamples raw);

/// Reads strictly: throws UsageError naming `source`, the path in the document and what is wrong.
RunRecord read_record(std::string_view text, const std::string& source);

/// The same for a record that a newer minor version than `own_version` may have written: unknown
/// keys of such a one are skipped, and `note` says so.
RunRecord read_record(std::string_view text, const std::string& source,
                      std::string_view own_version, std::string& note);

/// Appends the processes of `part`, the answer to a request of the plan `asked` (the run's, or a
/// part of it), without the kernels and checks that an earlier process of the same side already has
/// word for word. Throws NoVerdict when the answer is about another GPU or another plan.
void append_processes(RunRecord& run, RunRecord part, const Plan& asked);

}  // namespace perfgate
