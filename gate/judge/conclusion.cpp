// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/conclusion.h"

namespace perfgate {

namespace {

/// Whether the printed bounds show a speed-up.
bool looks_faster(const Change& change, const Criteria& criteria) {
  return change.effect <= -criteria.threshold && change.upper < 0;
}

/// In thresholds. A run that could have proved only a larger change has seen nothing.
constexpr double blind_thresholds = 5;

Conclusion conclude_by_screen(const Change& change, const Criteria& criteria, Proved proved) {
  if (change.effect >= criteria.threshold && change.lower > 0)
    return proved.slower ? Conclusion::confirmed : Conclusion::unconfirmed;
  if (looks_faster(change, criteria))
    return proved.faster ? Conclusion::faster : Conclusion::seems_faster;
  if (change.upper < criteria.threshold) return Conclusion::ruled_out;
  const bool blind = change.detectable > blind_thresholds * criteria.threshold;
  return blind ? Conclusion::unconfirmed : Conclusion::unflagged;
}

Conclusion conclude_by_rounds(const Change& change, const Criteria& criteria, Proved proved,
                              std::size_t rounds) {
  const auto at_least = [&](int look) { return rounds >= static_cast<std::size_t>(look); };
  if (!at_least(looks.front())) return Conclusion::unconfirmed;
  if (change.effect >= criteria.threshold && proved.slower) return Conclusion::confirmed;
  if (looks_faster(change, criteria))
    return proved.faster ? Conclusion::faster : Conclusion::seems_faster;
  if (change.upper < criteria.threshold) return Conclusion::refuted;
  if (!at_least(looks.back())) return Conclusion::unconfirmed;
  return change.effect < criteria.threshold ? Conclusion::refuted : Conclusion::open;
}

}  // namespace

std::vector<double> Evidence::baseline_s() const {
  std::vector<double> all;
  for (const StoredSession& stored : baseline)
    all.insert(all.end(), stored.durations_s.begin(), stored.durations_s.end());
  return all;
}

double Evidence::machine() const {
  double sum = 0;
  for (const StoredSession& stored : baseline) sum += stored.machine;
  return baseline.empty() ? 0 : sum / static_cast<double>(baseline.size());
}

std::optional<Estimate> estimate_stored(const Evidence& evidence) {
  const auto& head = evidence.has_rounds() ? evidence.rounds_s : evidence.screen_s;
  if (evidence.baseline.empty() || head.size() < 2) return std::nullopt;
  return against_sessions(evidence.baseline, head, evidence.session, evidence.board);
}

std::optional<Estimate> estimate(const Evidence& evidence) {
  if (!evidence.against_base_build()) return estimate_stored(evidence);
  return evidence.has_rounds() ? paired(evidence.rounds_base_s, evidence.rounds_s)
                               : paired(evidence.screen_base_s, evidence.screen_s);
}

double bound_alpha(const Evidence& evidence, const Criteria& criteria) {
  return evidence.has_rounds() ? look_alpha(criteria.screen_alpha) : criteria.screen_alpha;
}

Change shown_change(const Evidence& evidence, const Estimate& estimate, const Criteria& criteria) {
  return change_of(estimate, bound_alpha(evidence, criteria));
}

Conclusion conclude(const Evidence& evidence, const Criteria& criteria, Proved proved) {
  const Change change = shown_change(evidence, *estimate(evidence), criteria);
  return evidence.has_rounds()
             ? conclude_by_rounds(change, criteria, proved, evidence.rounds_s.size())
             : conclude_by_screen(change, criteria, proved);
}

double look_alpha(double alpha) {
  return alpha / static_cast<double>(looks.size());
}

}  // namespace perfgate
