// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/confirmation.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/text.h"

namespace perfgate {

void confirm(RunRecord& run, const MeasureRequest& request, const Rounds& rounds,
             const Unsettled& unsettled, const Progress& progress) {
  int done = 0;
  for (const int planned : looks) {
    const int look = std::min(planned, rounds.most);
    const std::vector<std::string> ids = unsettled(run);
    if (ids.empty() || done >= look) return;
    MeasureRequest again = request;
    again.record.plan = part_of(request.record.plan, ids);
    if (request.base) run.order_seed = request.order_seed;
    for (int round = done + 1; round <= look; ++round) {
      progress(fmt::format("{} again, round", count_of(ids.size(), "case")), round - 1, look);
      // The screen took the first blocks of two of the order; these are the next ones.
      const int screen = (request.timing_processes + 1) / 2 * 2;
      for (const Side side : order_of_round(screen + round, request))
        if (!rounds.more(for_side(again, side), ProcessKind::timing, side, round, run)) return;
    }
    done = look;
  }
}

}  // namespace perfgate
