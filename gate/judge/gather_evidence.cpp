// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/gather_evidence.h"

#include "gate/judge/impossible.h"
#include "gate/run/machine_drift.h"

namespace perfgate {

namespace {

/// Returns the bytes that a case moves through memory: the known minimum, else the counted bytes.
std::optional<double> bytes_of(const Case& planned, const BaselineCase& base) {
  if (planned.work.dram_bytes) return planned.work.dram_bytes;
  return counted_bytes(base.metrics);
}

/// Sessions of the run's own board tell more than those of others, if there are so many that they
/// tell how far sessions differ.
constexpr std::size_t enough_sessions = 3;

/// Returns the numbers of the sessions that a case's run is compared with.
std::vector<int> sessions_to_compare(const Comparison& comparison, const BaselineCase& base) {
  std::vector<int> all, own;
  for (const auto& [number, durations_s] : base.sessions_s) {
    all.push_back(number);
    if (comparison.baseline().sessions.at(number).board == comparison.run().gpu->uuid)
      own.push_back(number);
  }
  return own.size() >= enough_sessions ? own : all;
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
  for (const int number : sessions_to_compare(comparison, base)) {
    const auto& then = comparison.baseline().sessions.at(number).sentinels;
    const double machine =
        then && now ? machine_slowdown(*then, *now, bytes_of(planned, base), base_s) : 0;
    evidence.baseline.push_back({base.sessions_s.at(number), machine});
  }
  if (comparison.board_match() != BoardMatch::own)
    evidence.scaling = scaling_bias(evidence.machine());
  return evidence;
}

}  // namespace perfgate
