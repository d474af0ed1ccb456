#include "gate/measure/confirmation.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Returns the order of head and base in one round, or head alone.
std::vector<Side> order_of(int round, std::uint64_t seed, bool has_base) {
  if (!has_base) return {Side::head};
  // A block of two rounds is ABBA or BAAB, so a steady drift of the machine cancels in it. The
  // choice between the two is random, so that nothing periodic on the machine can favour one build.
  const auto block = static_cast<std::uint64_t>((round - 1) / 2);
  const bool head_first = (std::mt19937_64(seed + block)() % 2 == 0) == (round % 2 == 1);
  return head_first ? std::vector{Side::head, Side::base} : std::vector{Side::base, Side::head};
}

}  // namespace

void confirm(RunRecord& run, const MeasureRequest& request, const Rounds& rounds,
             const Unsettled& unsettled, const Progress& progress) {
  int done = 0;
  for (const int planned : looks) {
    const int look = std::min(planned, rounds.most);
    const std::vector<std::string> ids = unsettled(run);
    if (ids.empty() || done >= look) return;
    MeasureRequest again = request;
    again.record.plan = part_of(request.record.plan, ids);
    run.order_seed = rounds.order_seed;
    for (int round = done + 1; round <= look; ++round) {
      progress(fmt::format("{} again, round", count_of(ids.size(), "case")), round - 1, look);
      for (const Side side : order_of(round, rounds.order_seed, rounds.base.has_value())) {
        again.build = side == Side::base ? *rounds.base : request.build;
        if (!rounds.more(again, ProcessKind::timing, side, round, run)) return;
      }
    }
    done = look;
  }
}

}  // namespace perfgate
