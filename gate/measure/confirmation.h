// Confirmation: the cases that a run could not settle are measured again, in fresh processes that
// run nothing else, round by round; interleaved with the base build's where there is one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gate/judge/conclusion.h"
#include "gate/measure/measure.h"

namespace perfgate {

/// Which cases of the run so far need more rounds.
using Unsettled = std::function<std::vector<std::string>(const RunRecord&)>;

/// Measures one more process and adds it to the run, as measure_once() does.
using MeasureMore =
    std::function<bool(const MeasureRequest&, ProcessKind, Side, int round, RunRecord&)>;

struct Rounds {
  std::optional<Build> base{};  ///< runs beside the head in each round
  int most = looks.back();
  /// The seed of the order. Drawn anew for each run, so that what is periodic on a machine does not
  /// meet the same order in every run.
  std::uint64_t order_seed = 0;
  MeasureMore more = measure_once;
};

/// Adds rounds to `run` until no case is unsettled or the last look (conclusion.h) was taken; the
/// cases that are unsettled at a look are measured in all rounds up to the next one. In each round
/// head and, where there is one, base run once. Their order is random for each block of two rounds
/// (ABBA or BAAB), and its seed is in the record. Stops early when a process fails twice.
void confirm(RunRecord& run, const MeasureRequest& request, const Rounds& rounds,
             const Unsettled& unsettled, const Progress& progress);

}  // namespace perfgate
