// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "gate/judge/reason_text.h"
#include "gate/report/render.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

std::string line(std::string_view what, std::string_view text) {
  return fmt::format("  {:<10} {}\n", what, one_line(text));
}

/// Returns "5 processes, median 14.02 us, scatter 0.21 %: 14.00 14.01 ...".
std::string values(const std::vector<double>& seconds, std::string_view noun) {
  std::string out =
      fmt::format("{}, median {:.3f} us", count_of(seconds.size(), noun), 1e6 * median(seconds));
  if (seconds.size() >= 2) out += fmt::format(", scatter {:.2f} %", 100 * log_deviation(seconds));
  out += ':';
  for (const double value : seconds) out += fmt::format(" {:.3f}", 1e6 * value);
  return out;
}

struct ConclusionWords {
  Conclusion conclusion;
  std::string_view words;
};
constexpr std::array<ConclusionWords, 9> conclusion_words{{
    {Conclusion::faster, "faster by more than the threshold, and proved"},
    {Conclusion::seems_faster, "looks faster by more than the threshold, not proved"},
    {Conclusion::ruled_out, "a slowdown of the threshold is ruled out"},
    {Conclusion::unflagged, "no slowdown was seen, and the scatter would hide a small one"},
    {Conclusion::confirmed, "slower by more than the threshold, and proved"},
    {Conclusion::refuted, "the fresh rounds do not bear out what the screen flagged"},
    {Conclusion::two_speeds, "what all processes together say does not hold at each of two speeds"},
    {Conclusion::unconfirmed, "more rounds would tell"},
    {Conclusion::open, "the last look leaves both possible"},
}};

std::string_view words_of(Conclusion conclusion) {
  return std::find_if(conclusion_words.begin(), conclusion_words.end(),
                      [&](const auto& entry) { return entry.conclusion == conclusion; })
      ->words;
}

std::string threshold_text(const VerdictBasis& basis, double base_s) {
  std::string text =
      fmt::format("{:.2f} %: tolerance for '{}' ({}); at least {:.2g} us, {:.2f} % of this case",
                  100 * basis.criteria.threshold, basis.tolerance, basis.why, 1e6 * basis.floor_s,
                  100 * basis.floor_s / base_s);
  if (basis.other_board > 0)
    text += fmt::format("; {:.1f} % more for what the board may add", 100 * basis.other_board);
  return text;
}

/// What the scaling leaves open, on a board that the baseline does not know or that moved far.
std::string scaling_text(const Bias& scaling) {
  if (scaling.over + scaling.under < 1e-4) return "";
  return fmt::format(
      ", which may be too little by {:.1f} % or too much by {:.1f} %: kernels follow a board by "
      "more or "
      "less",
      100 * scaling.over, 100 * scaling.under);
}

std::string basis_text(const CaseReport& entry) {
  const VerdictBasis& basis = *entry.basis;
  const Evidence& evidence = basis.evidence;
  const Change change = *entry.change;
  std::string out;
  for (const StoredSession& stored : evidence.baseline)
    out += line("baseline", values(stored.durations_s, "process"));
  if (evidence.baseline.size() > 1 || evidence.session.value > 0)
    out +=
        line("sessions",
             fmt::format("{}; unchanged code moves by {:.2f} % between two, besides its processes",
                         evidence.baseline.size(), 100 * std::sqrt(evidence.session.value)));
  if (!evidence.screen_s.empty()) out += line("screen", values(evidence.screen_s, "process"));
  if (!evidence.screen_base_s.empty())
    out += line("base build", values(evidence.screen_base_s, "process") + ", in pairs");
  if (!evidence.rounds_s.empty()) out += line("rounds", values(evidence.rounds_s, "fresh process"));
  if (!evidence.rounds_base_s.empty())
    out += line("base build", values(evidence.rounds_base_s, "process") + ", in the same rounds");
  if (evidence.machine() != 0 && !evidence.against_base_build())
    out +=
        line("machine", fmt::format("{} of the duration, by the sentinels; taken out of it{}",
                                    percent(evidence.machine()), scaling_text(evidence.scaling)));
  const std::string compared =
      fmt::format("{} against the {}", evidence.has_rounds() ? "rounds" : "screen",
                  evidence.against_base_build() ? "base build" : "baseline");
  const double alpha = bound_alpha(evidence, basis.criteria);
  out += line(
      "change",
      fmt::format("{} ({}), between {} and {}, each bound wrong {:.2g} times in 100; "
                  "standard error {:.3f} % with {:.0f} degrees of freedom",
                  percent(change.effect), compared, percent(change.lower), percent(change.upper),
                  100 * alpha, 100 * basis.estimate.error, basis.estimate.freedom));
  out += line("sight",
              fmt::format("a change of {} would be seen 9 times in 10",
                          percent(seen_from(basis.estimate, alpha, basis.criteria.threshold))));
  out += line("threshold", threshold_text(basis, *entry.base_s));
  const auto chance = [&](const Chance& of, std::string_view hypothesis) {
    return line("chance", fmt::format("p = {:.2g} if it were not {}; a proof among {} (Holm, "
                                      "{:.2g} in all at this look) needs {:.2g}: {}",
                                      of.p_value, hypothesis, count_of(basis.judged, "case"),
                                      basis.alpha, of.level, of.proved ? "proved" : "not proved"));
  };
  out += chance(basis.slower, "slower");
  if (change.effect < 0) out += chance(basis.faster, "faster by more than the threshold");
  return out + line("concluded", words_of(basis.conclusion));
}

std::string metric_text(const MetricCheck& check, const std::vector<Metric>& metrics) {
  const auto metric = std::find_if(metrics.begin(), metrics.end(), [&](const Metric& candidate) {
    return candidate.id == check.metric;
  });
  const UnitInfo& unit = unit_info(metric->unit);
  return fmt::format("{} {} ({}), allowed {:.1f} % and {:.3g}{}{}: {}", metric->title,
                     from_to(*metric, check.base, check.head, 6), percent(check.ratio),
                     100 * check.tolerance, check.floor * unit.people_scale,
                     unit.people.empty() ? "" : " ", unit.people,
                     check.breach    ? "too much"
                     : check.repeats ? "within"
                                     : "does not repeat, so it decides nothing");
}

std::string kernel_text(const KernelLaunch& launch) {
  return fmt::format("{} grid {} block {}, {} registers, {} B shared, code {}", launch.name,
                     dimensions(launch.grid), dimensions(launch.block), launch.registers,
                     launch.shared_bytes, launch.code.empty() ? "unknown" : launch.code);
}

}  // namespace

std::string render_evidence(const Report& report, const CaseReport& entry) {
  std::string out = fmt::format("evidence: {}\n", one_line(entry.id));
  // What was found comes before what it rests on.
  out += line("verdict", fmt::format("{} ({}): {}", verdict_info(entry.verdict()).id,
                                     reason_info(entry.reason).id, entry.why));
  if (!entry.explanation.empty()) out += line("why", entry.explanation);
  if (!entry.machine_code.empty()) out += line("code", entry.machine_code);
  out += line("run", report.conditions);
  out += line("against", report.against);
  if (entry.basis) out += basis_text(entry);
  for (const MetricCheck& check : entry.metric_checks)
    out += line("counter", metric_text(check, report.metrics));
  if (entry.basis) out += line("kernels", code_match_info(entry.code).words);
  for (const KernelLaunch& launch : entry.launches) out += line("", kernel_text(launch));
  return out + "\n";
}

}  // namespace perfgate
