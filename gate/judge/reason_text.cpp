// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/reason_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/judge/two_speeds.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Returns the source of a case's numbers: ", 6 rounds against the base build".
std::string source_of(const Evidence& evidence) {
  if (!evidence.has_rounds())
    return evidence.against_base_build()
               ? fmt::format(", {} with the base build", count_of(evidence.screen_s.size(), "pair"))
               : "";
  return fmt::format(", {} against {}", count_of(evidence.rounds_s.size(), "fresh round"),
                     evidence.against_base_build() ? "the base build" : "the stored baseline");
}

}  // namespace

std::string bounds_words(const VerdictBasis& basis, const Change& change) {
  return fmt::format("{} (between {} and {}{})", percent(change.effect), percent(change.lower),
                     percent(change.upper), source_of(basis.evidence));
}

std::string conclusion_words(const VerdictBasis& basis, const Change& change) {
  const std::string tolerance = fmt::format("tolerance {:.1f} %", 100 * basis.criteria.threshold);
  const std::string range = bounds_words(basis, change);
  switch (basis.conclusion) {
    case Conclusion::confirmed:
      return fmt::format("slower by {}, {}", range, tolerance);
    case Conclusion::faster:
      return fmt::format("faster: {}; refresh the baseline to keep it", range);
    case Conclusion::seems_faster:
      return fmt::format("looks faster: {}, not proved", range);
    case Conclusion::ruled_out:
      return fmt::format("at most {}, {}", percent(change.upper), tolerance);
    case Conclusion::unflagged:
      return fmt::format(
          "no slowdown seen: {}; {} and more would have been", range,
          percent(seen_from(basis.estimate, bound_alpha(basis.evidence, basis.criteria),
                            basis.criteria.threshold)));
    case Conclusion::refuted:
      return fmt::format("not confirmed: {}, {}", range, tolerance);
    case Conclusion::two_speeds: {
      const SpeedChanges changes = speed_changes(*basis.evidence.speeds);
      return fmt::format(
          "all processes together {}, but {} at one of two speeds and {} at the "
          "other, {}",
          range, percent(changes.least), percent(changes.most), tolerance);
    }
    case Conclusion::unconfirmed:
    case Conclusion::open:
      break;
  }
  return fmt::format(
      "{} does not settle a tolerance of {:.1f} %; the smallest change that this run could prove "
      "is {}",
      range, 100 * basis.criteria.threshold,
      percent(seen_from(basis.estimate, basis.slower.level, basis.criteria.threshold)));
}

std::string drift_words(const Change& drift) {
  return fmt::format(
      "drifted: {} against the stored baseline (between {} and {}), which came before this change",
      percent(drift.effect), percent(drift.lower), percent(drift.upper));
}

std::string from_to(const Metric& metric, double base, double head, int digits) {
  const UnitInfo& unit = unit_info(metric.unit);
  if (unit.people.empty())
    return fmt::format("{} to {}", significant_count(base, digits),
                       significant_count(head, digits));
  return fmt::format("{} to {} {}", significant(base * unit.people_scale, digits),
                     significant(head * unit.people_scale, digits), unit.people);
}

std::string amount_words(const MetricCheck& check, const std::vector<Metric>& metrics) {
  const Metric& metric =
      *std::find_if(metrics.begin(), metrics.end(),
                    [&](const Metric& candidate) { return candidate.id == check.metric; });
  return fmt::format("{} {} ({})", metric.title, percent(check.ratio),
                     from_to(metric, check.base, check.head, 4));
}

std::string breach_words(const MetricCheck& breach, const std::vector<Metric>& metrics) {
  return fmt::format("{}, tolerance {:.1f} %", amount_words(breach, metrics),
                     100 * breach.tolerance);
}

}  // namespace perfgate
