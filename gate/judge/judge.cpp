// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

#include "gate/judge/conclusion.h"
#include "gate/judge/gather_evidence.h"
#include "gate/judge/program_cases.h"
#include "gate/judge/reason_text.h"
#include "gate/judge/refusal.h"
#include "gate/judge/session_spread.h"
#include "gate/judge/two_speeds.h"
#include "gate/run/run_view.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Returns the limit for a change: the tolerance, but at least the floor in seconds, which for a 2
/// us kernel is more than two percent.
double threshold_of(const JudgePolicy& policy, std::string_view case_id, double base_s,
                    double allowance) {
  return std::max(policy.tolerance_of(case_id).ratio, policy.floor_s / base_s) + allowance;
}

struct ReasonOfConclusion {
  Conclusion conclusion;
  Reason reason;
};
constexpr std::array<ReasonOfConclusion, 9> reasons_of_conclusions{{
    {Conclusion::faster, Reason::faster},
    {Conclusion::seems_faster, Reason::seems_faster},
    {Conclusion::ruled_out, Reason::within_tolerance},
    {Conclusion::unflagged, Reason::not_flagged},
    {Conclusion::confirmed, Reason::slower},
    {Conclusion::refuted, Reason::not_confirmed},
    {Conclusion::two_speeds, Reason::two_speeds},
    {Conclusion::unconfirmed, Reason::unconfirmed},
    {Conclusion::open, Reason::too_noisy},
}};

Reason reason_of(Conclusion conclusion) {
  return std::find_if(reasons_of_conclusions.begin(), reasons_of_conclusions.end(),
                      [&](const auto& entry) { return entry.conclusion == conclusion; })
      ->reason;
}

/// Values that all cases of a run share.
struct Context {
  const Comparison& comparison;
  const JudgePolicy& policy;
  const RunFaults faults = faults_of(comparison);
};

/// Returns what the threshold allows for the stored baseline's being of one other board.
double board_allowance(const Context& context) {
  return context.comparison.board_match() == BoardMatch::other ? context.policy.other_board : 0;
}

/// The same, and what the sentinels' scaling may add to unchanged code.
double allowance_of(const Context& context, const Evidence& evidence) {
  if (evidence.against_base_build()) return 0;
  return board_allowance(context) + std::expm1(evidence.scaling.over);
}

/// A case that is being judged: without evidence its reason is settled already.
struct Pending {
  CaseVerdict verdict;
  std::optional<Evidence> evidence;
  std::vector<MetricCheck> amounts;  ///< of counters, whether they decide on this board or not
  bool same_code = false;  ///< as the other side of the evidence, which is not the base build then
};

Pending gather(const Context& context, const Case& planned) {
  const Comparison& comparison = context.comparison;
  const CaseView& head = comparison.head(planned.id);
  const BaselineCase* base = comparison.base(planned.id);
  Pending pending;
  CaseVerdict& verdict = pending.verdict;
  verdict.id = planned.id;
  verdict.tolerance = verdict.threshold = context.policy.tolerance_of(planned.id).ratio;
  verdict.code = comparison.code_match(planned);
  // Rounds decide where there are some, so they are what is shown.
  const bool rounds = head.rounds_s.size() >= 2;
  if (rounds || !head.durations_s.empty())
    verdict.head_s = median(rounds ? head.rounds_s : head.durations_s);
  const std::vector<double>& built = rounds ? head.rounds_base_s : head.durations_base_s;
  if (base) verdict.base_s = median(base->durations_s());
  if (!built.empty()) verdict.base_s = median(built);
  if (auto refusal = refusal_of(comparison, context.faults, planned, head, base)) {
    verdict.reason = refusal->reason;
    verdict.why = std::move(refusal->why);
    return pending;
  }
  Evidence evidence = gather_evidence(comparison, planned);
  if (auto refusal = refusal_of(evidence)) {
    verdict.reason = refusal->reason;
    verdict.why = std::move(refusal->why);
    return pending;
  }
  pending.evidence = std::move(evidence);
  pending.same_code = !pending.evidence->against_base_build() &&
                      comparison.stored_code_match(planned) == CodeMatch::same;
  if (!pending.evidence->against_base_build())
    verdict.base_s = median(pending.evidence->baseline_s());
  verdict.threshold = threshold_of(context.policy, verdict.id, *verdict.base_s,
                                   allowance_of(context, *pending.evidence));
  constexpr double matters = 0.5;  // in thresholds
  pending.evidence->speeds = find_two_speeds(*pending.evidence, matters * verdict.threshold);
  verdict.rounds = static_cast<int>(head.rounds_s.size());
  pending.amounts =
      check_metrics(verdict.id, head, *base, comparison.run().plan.metrics, context.policy);
  // Skip the check where one other board was measured: that a counter repeats is known of it alone.
  if (comparison.board_match() != BoardMatch::other) verdict.metric_checks = pending.amounts;
  if (!same_code_is_same_work(comparison, planned, verdict.metric_checks))
    pending.same_code = false;
  return pending;
}

/// Returns the p-values of all cases, which share `alpha`.
std::vector<Chance> chances(const std::vector<double>& p_values, double alpha) {
  const std::vector<double> levels = holm_levels(p_values, alpha);
  const std::vector<bool> proved = holm(p_values, alpha);
  std::vector<Chance> out;
  for (std::size_t i = 0; i < p_values.size(); ++i)
    out.push_back({p_values[i], levels[i], proved[i]});
  return out;
}

/// Adds the numbers behind each conclusion to `family`, cases with evidence that share the error.
void add_bases(const std::vector<Pending*>& family, const Context& context) {
  const JudgePolicy& policy = context.policy;
  std::vector<double> slower_p, faster_p;
  for (const Pending* entry : family) {
    const Estimate found = *estimate(*entry->evidence);
    slower_p.push_back(slower_p_value(found));
    faster_p.push_back(faster_p_value(found, entry->verdict.threshold));
  }
  const double alpha = look_alpha(policy.alpha);
  const std::vector<Chance> slower = chances(slower_p, alpha), faster = chances(faster_p, alpha);
  for (std::size_t i = 0; i < family.size(); ++i) {
    CaseVerdict& verdict = family[i]->verdict;
    VerdictBasis basis;
    basis.evidence = *family[i]->evidence;
    basis.estimate = *estimate(basis.evidence);
    basis.criteria = {verdict.threshold, policy.screen_alpha};
    basis.slower = slower[i];
    basis.faster = faster[i];
    basis.alpha = alpha;
    basis.judged = family.size();
    basis.conclusion =
        conclude(basis.evidence, basis.criteria, {basis.slower.proved, basis.faster.proved});
    const Tolerance& tolerance = policy.tolerance_of(verdict.id);
    basis.tolerance = tolerance.cases;
    basis.why = tolerance.why;
    basis.floor_s = policy.floor_s;
    basis.other_board = allowance_of(context, basis.evidence);
    verdict.basis = std::move(basis);
  }
}

/// Adds the numbers behind each conclusion to the cases with evidence; the others have none.
void add_bases(std::vector<Pending>& pending, const Context& context) {
  std::vector<Evidence*> evidences;
  std::vector<Pending*> screened, confirmed;
  for (Pending& entry : pending) {
    if (!entry.evidence) continue;
    evidences.push_back(&*entry.evidence);
    // Rounds beside a base build owe nothing to the screen that flagged their cases: they are new
    // processes on both sides. So these cases share the error among themselves. Rounds against the
    // stored baseline are compared with the sessions that the screen saw, so there all cases do.
    const bool independent = entry.evidence->has_rounds() && entry.evidence->against_base_build();
    (independent ? confirmed : screened).push_back(&entry);
  }
  add_session_spread(evidences, context.policy.spread);
  // How far boards differ is part of how far their sessions do. A board of the pool that no session
  // knows is one more draw of a board, so only as many draws speak for it as there are boards.
  if (context.comparison.board_match() == BoardMatch::pool)
    for (Evidence* evidence : evidences)
      evidence->board = unseen_board(*evidence, context.comparison.baseline().boards());
  add_bases(screened, context);
  add_bases(confirmed, context);
}

/// Adds how the cases that a base build judges moved against the stored baseline, where that is
/// proved, by as much as the tolerance, and the base build does not show it.
void add_drifts(std::vector<Pending>& pending, const Context& context) {
  std::vector<Pending*> asked;
  std::vector<double> p_values;
  for (Pending& entry : pending) {
    if (!entry.verdict.basis || !entry.verdict.basis->evidence.against_base_build()) continue;
    const auto found = estimate_stored(entry.verdict.basis->evidence);
    if (!found) continue;
    asked.push_back(&entry);
    p_values.push_back(slower_p_value(*found));
  }
  const std::vector<bool> proved = holm(p_values, look_alpha(context.policy.alpha));
  for (std::size_t i = 0; i < asked.size(); ++i) {
    CaseVerdict& verdict = asked[i]->verdict;
    const VerdictBasis& basis = *verdict.basis;
    const Change change =
        shown_change(basis.evidence, *estimate_stored(basis.evidence), basis.criteria);
    const double threshold = threshold_of(
        context.policy, verdict.id, median(basis.evidence.baseline_s()), board_allowance(context));
    if (proved[i] && change.effect >= threshold && basis.conclusion != Conclusion::confirmed)
      verdict.drift = change;
  }
}

/// The verdict that its basis and the metrics give.
void settle(Pending& pending, const std::vector<Metric>& metrics) {
  CaseVerdict& verdict = pending.verdict;
  const bool same_code = pending.same_code;
  const VerdictBasis& basis = *verdict.basis;
  const Change change = shown_change(basis.evidence, basis.estimate, basis.criteria);
  verdict.change = change;
  verdict.reason = reason_of(basis.conclusion);
  verdict.why = conclusion_words(basis, change);
  const MetricCheck* amount = same_code ? other_amount(verdict.metric_checks) : nullptr;
  if (basis.conclusion == Conclusion::confirmed && same_code && !amount) {
    verdict.reason = Reason::environment;
    const MetricCheck* moved = amount_like(pending.amounts, change.effect);
    verdict.why += fmt::format(
        "; but its machine code and launch are the baseline's: {}; --base-runner would tell",
        moved ? fmt::format("an argument, the data or what the caches held, by {}",
                            amount_words(*moved, metrics))
              : "the machine, or what ran before it, not this kernel");
  }
  if (basis.conclusion == Conclusion::faster && same_code && !amount) {
    verdict.reason = Reason::same_code_faster;
    verdict.why = fmt::format("faster: {}; but its machine code and launch are the baseline's",
                              bounds_words(basis, change));
  }
  // The machine cannot add work to a kernel; only a faster kernel may do more work, and one that
  // looks faster has the benefit of the doubt.
  const MetricCheck* breach = worst_breach(verdict.metric_checks);
  if (breach && basis.conclusion != Conclusion::faster &&
      basis.conclusion != Conclusion::seems_faster) {
    verdict.reason = Reason::more_work;
    verdict.why = fmt::format("{}; {}", breach_words(*breach, metrics), verdict.why);
  }
  if (amount && verdict.reason != Reason::within_tolerance && verdict.reason != Reason::not_flagged)
    verdict.why += fmt::format(
        "; its machine code and launch are the baseline's, so an argument or the data changed{}",
        amount == breach ? "" : ": " + breach_words(*amount, metrics));
  if (basis.evidence.speeds) verdict.why += "; " + two_speeds_words(*basis.evidence.speeds);
  if (verdict.drift) verdict.why += "; " + drift_words(*verdict.drift);
}

/// Turns a regression that the change means to make into an accepted one, where the policy lets a
/// change do so and it is no larger than was said; else says why not.
void accept_meant(CaseVerdict& verdict, const JudgePolicy& policy) {
  if (verdict.verdict() != Verdict::regressed) return;
  const MeantSlowdown* meant = policy.meant_slowdown(verdict.id);
  if (!meant) return;
  double worst = verdict.change->effect;
  if (const MetricCheck* breach = worst_breach(verdict.metric_checks);
      breach && verdict.reason == Reason::more_work)
    worst = std::max(worst, std::abs(breach->ratio));
  const std::string who = one_line(fmt::format("{}: {}", meant->who, meant->why));
  if (!policy.accept) {
    verdict.why += fmt::format("; not accepted ({}): the policy has no judge.accept", who);
  } else if (worst > meant->ratio) {
    verdict.why += fmt::format("; not accepted ({}): more than {:.1f} %", who, 100 * meant->ratio);
  } else {
    verdict.reason = Reason::meant;
    verdict.why =
        fmt::format("accepted up to {:.1f} % ({}); {}", 100 * meant->ratio, who, verdict.why);
  }
}

std::vector<CaseVerdict> judge_cases(const Comparison& comparison, const JudgePolicy& policy) {
  const Context context{comparison, policy};
  const Plan& plan = comparison.run().plan;
  std::vector<Pending> pending;
  for (const Case& planned : plan.cases) pending.push_back(gather(context, planned));
  add_bases(pending, context);
  add_drifts(pending, context);
  std::vector<CaseVerdict> found;
  for (Pending& entry : pending) {
    if (entry.verdict.basis) {
      settle(entry, plan.metrics);
      accept_meant(entry.verdict, policy);
    }
    found.push_back(std::move(entry.verdict));
  }
  return found;
}

/// Adds the cases that the baseline has and the run should have planned. A run that was cut down to
/// some cases on purpose (--only) owes only these.
void add_not_planned(std::vector<CaseVerdict>& found, const Comparison& comparison,
                     const JudgePolicy& policy) {
  const RunRecord& run = comparison.run();
  std::set<std::string_view> planned;
  for (const Case& entry : run.plan.cases) planned.insert(entry.id);
  for (const BaselineCase& stored : comparison.baseline().cases) {
    if (planned.contains(stored.id)) continue;
    if (!run.only.empty() && !matches_any(run.only, stored.id)) continue;
    auto why = owed(comparison, policy, stored.id);
    if (!why) continue;
    CaseVerdict verdict;
    verdict.id = stored.id;
    verdict.reason = Reason::not_planned;
    verdict.why = std::move(*why);
    verdict.base_s = median(stored.durations_s());
    verdict.tolerance = verdict.threshold = policy.tolerance_of(stored.id).ratio;
    found.push_back(std::move(verdict));
  }
}

}  // namespace

std::vector<CaseVerdict> judge(const Comparison& comparison, const JudgePolicy& policy) {
  const RunRecord& run = comparison.run();
  if (!run.gpu) {
    const auto dead = first_process_error(run);
    throw NoVerdict("nothing was measured: " + dead.value_or("the run has no process in it"));
  }
  if (run.gpu->name != comparison.baseline().gpu.name)
    throw NoVerdict(fmt::format("the run is of {}, the baseline of {}: not comparable",
                                run.gpu->name, comparison.baseline().gpu.name));
  std::vector<CaseVerdict> found = judge_cases(comparison, policy);
  add_not_planned(found, comparison, policy);
  return found;
}

ExitCode exit_code_of(const std::vector<CaseVerdict>& found, const JudgePolicy& policy) {
  if (count_verdict(found, Verdict::regressed) > 0) return ExitCode::regressed;
  const bool undecided = count_verdict(found, Verdict::inconclusive) > 0 &&
                         policy.on_inconclusive == OnInconclusive::fail;
  if (found.empty() || count_failed(found) > 0 || undecided) return ExitCode::no_verdict;
  return ExitCode::pass;
}

std::vector<std::string> regressed_cases(const RunRecord& run, const Baseline& baseline,
                                         const JudgePolicy& policy) {
  std::vector<std::string> ids;
  if (!run.gpu) return ids;
  for (const CaseVerdict& one : judge_cases(Comparison(run, baseline), policy))
    if (one.verdict() == Verdict::regressed) ids.push_back(one.id);
  return ids;
}

std::vector<std::string> cases_to_confirm(const RunRecord& run, const Baseline& baseline,
                                          const JudgePolicy& policy) {
  std::vector<std::string> ids;
  if (!run.gpu) return ids;
  for (const CaseVerdict& one : judge_cases(Comparison(run, baseline), policy)) {
    // A case that the screen alone proves is measured again, in both directions. A case that only
    // looks faster passes as it is; where there are rounds already, more of them may prove it.
    const bool by_screen =
        one.rounds == 0 && (one.reason == Reason::slower || one.reason == Reason::environment ||
                            one.reason == Reason::meant || one.reason == Reason::faster);
    const bool by_rounds =
        one.reason == Reason::seems_faster && one.rounds > 0 && one.rounds < looks.back();
    // That the processes were all fast, or all slow, may have been chance.
    const bool by_speeds = one.reason == Reason::two_speeds && one.rounds < looks.back();
    if (one.reason == Reason::unconfirmed || by_screen || by_rounds || by_speeds)
      ids.push_back(one.id);
  }
  return ids;
}

}  // namespace perfgate
