// SPDX-License-Identifier: Apache-2.0
// Confirmation: the cases that a run could not settle are measured again, in fresh processes that
// run nothing else, round by round; interleaved with the base build's where there is one.
#pragma once

#include <functional>
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
  int most = looks.back();
  MeasureMore more = measure_once;
};

/// Adds rounds to `run` until no case is unsettled or the last look (conclusion.h) was taken; the
/// cases that are unsettled at a look are measured in all rounds up to the next one. In each round
/// head and, where there is one, base run once, in the order of order_of_round(). Stops early when
/// a process fails twice.
void confirm(RunRecord& run, const MeasureRequest& request, const Rounds& rounds,
             const Unsettled& unsettled, const Progress& progress);

}  // namespace perfgate
