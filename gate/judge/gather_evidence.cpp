// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/gather_evidence.h"

#include <vector>

#include "gate/judge/impossible.h"
#include "gate/run/machine_drift.h"

namespace perfgate {

namespace {

/// Returns the bytes that a case moves through memory: the known minimum, else the counted bytes.
std::optional<double> bytes_of(const Case& planned, const BaselineCase& base) {
  if (planned.work.dram_bytes) return planned.work.dram_bytes;
  return counted_bytes(base.metrics);
}

}  // namespace

Evidence gather_evidence(const Comparison& comparison, const Case& planned) {
  const CaseView& head = comparison.head(planned.id);
  const BaselineCase& base = *comparison.base(planned.id);
  Evidence evidence;
  evidence.screen_s = head.durations_s;
  evidence.screen_base_s = head.durations_base_s;
  evidence.rounds_s = head.rounds_s;
  evidence.rounds_base_s = head.rounds_base_s;
  const auto& now = comparison.sentinels(evidence.has_rounds() ? Phase::rounds : Phase::screen);
  const double base_s = median(base.durations_s());
  std::vector<int> stored;
  for (const auto& [number, durations_s] : base.sessions_s) stored.push_back(number);
  const std::vector<int> sessions = comparison.sessions_to_compare(stored);
  const auto share = 1 / static_cast<double>(sessions.size());
  for (const int number : sessions) {
    const auto& then = comparison.baseline().sessions.at(number).sentinels;
    const bool known = then && now;
    const double machine =
        known ? machine_slowdown(*then, *now, bytes_of(planned, base), base_s) : 0;
    const Bias bias = comparison.is_own(number) ? own_board_bias(machine)
                      : known                   ? scaling_bias(machine)
                                                : unknown_board_bias();
    evidence.scaling.over += share * bias.over;
    evidence.scaling.under += share * bias.under;
    evidence.baseline.push_back({base.sessions_s.at(number), machine});
  }
  return evidence;
}

}  // namespace perfgate
