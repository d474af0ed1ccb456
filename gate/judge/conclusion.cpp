// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/conclusion.h"

#include "gate/judge/two_speeds.h"

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

/// `noise` has the bounds without the estimate's bias, which no further round would make smaller.
Conclusion conclude_by_rounds(const Change& change, const Change& noise, const Criteria& criteria,
                              Proved proved, std::size_t rounds) {
  const auto at_least = [&](int look) { return rounds >= static_cast<std::size_t>(look); };
  if (!at_least(looks.front())) return Conclusion::unconfirmed;
  if (change.effect >= criteria.threshold && proved.slower) return Conclusion::confirmed;
  if (looks_faster(change, criteria))
    return proved.faster ? Conclusion::faster : Conclusion::seems_faster;
  if (noise.upper < criteria.threshold) return Conclusion::refuted;
  if (!at_least(looks.back())) return Conclusion::unconfirmed;
  return change.effect < criteria.threshold ? Conclusion::refuted : Conclusion::open;
}

/// Returns the conclusion of rounds that no screen came before, as in `ab`: nothing was flagged
/// that they could refute.
Conclusion as_first_look(Conclusion found, const Change& change, const Criteria& criteria) {
  if (found != Conclusion::refuted) return found;
  return change.upper < criteria.threshold ? Conclusion::ruled_out : Conclusion::unflagged;
}

/// Returns the conclusion where each of two speeds bears it out: a slowdown at both, or at neither,
/// and no more slow processes than before.
Conclusion borne_out(Conclusion found, const SpeedChanges& changes, double alpha,
                     double threshold) {
  const bool not_slower = changes.most < threshold && changes.slow_p >= alpha;
  switch (found) {
    case Conclusion::confirmed:
      return changes.least >= threshold ? found : Conclusion::two_speeds;
    case Conclusion::faster:
      if (not_slower && changes.most > -threshold) return Conclusion::seems_faster;
      [[fallthrough]];
    case Conclusion::seems_faster:
    case Conclusion::ruled_out:
    case Conclusion::unflagged:
    case Conclusion::refuted:
      return not_slower ? found : Conclusion::two_speeds;
    case Conclusion::open:
      return changes.least < threshold && !not_slower ? Conclusion::two_speeds : found;
    case Conclusion::two_speeds:
    case Conclusion::unconfirmed:
      break;
  }
  return found;
}

}  // namespace

std::optional<Estimate> estimate_stored(const Evidence& evidence) {
  // Beside a base build the speeds are those of its processes, not of the stored ones.
  const Evidence used = evidence.against_base_build() ? evidence : at_one_speed(evidence);
  const auto& head = used.has_rounds() ? used.rounds_s : used.screen_s;
  if (used.baseline.empty() || head.size() < 2) return std::nullopt;
  Estimate found = against_sessions(used.baseline, head, used.session, used.board);
  found.bias = used.scaling;
  return found;
}

std::optional<Estimate> estimate(const Evidence& evidence) {
  if (!evidence.against_base_build()) return estimate_stored(evidence);
  const Evidence used = at_one_speed(evidence);
  return used.has_rounds() ? paired(used.rounds_base_s, used.rounds_s)
                           : paired(used.screen_base_s, used.screen_s);
}

double bound_alpha(const Evidence& evidence, const Criteria& criteria) {
  return evidence.has_rounds() ? look_alpha(criteria.screen_alpha) : criteria.screen_alpha;
}

Change shown_change(const Evidence& evidence, const Estimate& estimate, const Criteria& criteria) {
  return change_of(estimate, bound_alpha(evidence, criteria));
}

Conclusion conclude(const Evidence& evidence, const Criteria& criteria, Proved proved) {
  Estimate found_by = *estimate(evidence);
  const Change change = shown_change(evidence, found_by, criteria);
  found_by.bias = {};
  const Change noise = shown_change(evidence, found_by, criteria);
  Conclusion found = evidence.has_rounds() ? conclude_by_rounds(change, noise, criteria, proved,
                                                                evidence.rounds_s.size())
                                           : conclude_by_screen(change, criteria, proved);
  if (evidence.screen_s.empty()) found = as_first_look(found, change, criteria);
  if (!evidence.speeds) return found;
  return borne_out(found, speed_changes(*evidence.speeds), bound_alpha(evidence, criteria),
                   criteria.threshold);
}

double look_alpha(double alpha) {
  return alpha / static_cast<double>(looks.size());
}

}  // namespace perfgate
