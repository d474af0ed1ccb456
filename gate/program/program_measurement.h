// SPDX-License-Identifier: Apache-2.0
// From what the injection library saw to cases, samples and metrics: pure functions.
//
// A range is a case, the busy time of its kernels where they were launched one by one (its span is
// then the CPU's time), its span where a CUDA graph was launched. A kernel of a range is a case of
// its own where the range is a sequence of plain launches; the range is their whole.
#pragma once

#include <string>
#include <vector>

#include "gate/program/observation.h"
#include "gate/program/program_spec.h"
#include "gate/record/plan.h"
#include "gate/record/record.h"
#include "gate/record/timeline.h"

namespace perfgate {

inline constexpr std::string_view range_part = "range";

/// What one range of the program is made of.
struct ProgramRange {
  std::string group;                   ///< of its cases: "decode/my_decode_{n}_5"
  std::string rank;                    ///< of the process; "" when only one process has ranges
  std::vector<std::string> names;      ///< of its occurrences
  std::vector<KernelLaunch> launches;  ///< of the most frequent sequence
  std::vector<std::string> parts;      ///< of its kernels' cases; empty: only the range is a case
  bool graph = false;                  ///< it launches CUDA graphs, or was captured in one
  bool captured = false;               ///< it was captured in one, and that is launched elsewhere
  bool overlaps = false;               ///< its kernels overlap: single ones are not comparable
  std::size_t occurrences = 0;         ///< that were seen, without warm-up
  std::size_t alike = 0;               ///< of these, with the most frequent sequence, and judged
  std::string doubt;                   ///< what to tell of them; "" when all are alike
  double busy_s = 0, span_s = 0, sum_s = 0;  ///< medians over those
  StepTimeline timeline;                     ///< one of them, with its nodes; empty: none is judged
};

/// Returns the ranges of the `given` processes, those of one start of the program. Ranges of
/// several processes that have some are told apart by their rank.
std::vector<ProgramRange> ranges_of(const ProgramSpec& spec, const std::vector<Observation>& given);

/// Returns the cases of these ranges; `source` is the index of the program's source in the plan.
std::vector<Case> cases_of(const std::vector<ProgramRange>& ranges, std::size_t source);

/// Makes one timing process of what the processes of one start of the program saw. A case that was
/// not seen often enough, or with other launches than `ranges`, is a failure with its reason.
ProcessRecord timing_process(const ProgramSpec& spec, const std::vector<ProgramRange>& ranges,
                             const std::vector<Observation>& given);

/// Makes one counters process of it.
ProcessRecord counters_process(const ProgramSpec& spec, const std::vector<ProgramRange>& ranges,
                               const std::vector<Observation>& given);

}  // namespace perfgate
