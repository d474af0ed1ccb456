#include "gate/judge/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "gate/judge/conclusion.h"
#include "gate/judge/metric_gate.h"
#include "gate/judge/reason_text.h"
#include "gate/run/machine_drift.h"
#include "gate/run/run_view.h"
#include "gate/run/validity.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// What a change is held against: the tolerance, but never less than the floor in seconds, which
/// for a 2 us kernel is worth more than two percent.
double threshold_of(const JudgePolicy& policy, std::string_view case_id, double base_s,
                    bool same_board) {
  const double allowance = same_board ? 0 : policy.other_board;
  return std::max(policy.tolerance_of(case_id).ratio, policy.floor_s / base_s) + allowance;
}

struct ReasonOfConclusion {
  Conclusion conclusion;
  Reason reason;
};
constexpr std::array<ReasonOfConclusion, 8> reasons_of_conclusions{{
    {Conclusion::faster, Reason::faster},
    {Conclusion::seems_faster, Reason::seems_faster},
    {Conclusion::ruled_out, Reason::within_tolerance},
    {Conclusion::unflagged, Reason::not_flagged},
    {Conclusion::confirmed, Reason::slower},
    {Conclusion::refuted, Reason::not_confirmed},
    {Conclusion::unconfirmed, Reason::unconfirmed},
    {Conclusion::open, Reason::too_noisy},
}};

Reason reason_of(Conclusion conclusion) {
  return std::find_if(reasons_of_conclusions.begin(), reasons_of_conclusions.end(),
                      [&](const auto& entry) { return entry.conclusion == conclusion; })
      ->reason;
}

void fail(CaseReport& report, Reason reason, std::string why) {
  report.reason = reason;
  report.why = std::move(why);
}

/// What is the same for all cases of a run.
struct Sources {
  Sources(const RunRecord& of_run, const Baseline& of_baseline, const JudgePolicy& by_policy)
      : run(of_run), baseline(of_baseline), policy(by_policy) {}

  const RunRecord& run;
  const Baseline& baseline;
  const JudgePolicy& policy;
  const CaseViews views{run};
  const BaselineIndex stored = index_cases(baseline);
  const std::optional<Sentinels> screen_sentinels = median_sentinels(run, Phase::screen);
  const std::optional<Sentinels> rounds_sentinels = median_sentinels(run, Phase::rounds);
  const std::optional<std::string> dead = first_process_error(run);
  const std::optional<Invalid> invalid = invalid_run(run);
  const std::optional<Invalid> differs = settings_differ(run, baseline);
};

Evidence evidence_of(const Sources& sources, const CaseView& head, double bytes,
                     const BaselineCase& base) {
  Evidence evidence{base.durations_s, head.durations_s, head.rounds_s, head.rounds_base_s};
  const auto& then = sources.baseline.sentinels;
  const auto& now = evidence.has_rounds() ? sources.rounds_sentinels : sources.screen_sentinels;
  if (then && now && !evidence.against_base_build())
    evidence.machine = machine_slowdown(*then, *now, bytes, median(base.durations_s));
  return evidence;
}

/// Whether all kernels of a stage, or of all stages for a whole layer, are known to be the
/// baseline's: machine code, grid, block, registers and shared memory.
bool same_code(const Sources& sources, const Case& one) {
  const auto same = [&](const Case& stage) {
    const std::vector<KernelLaunch>& now = sources.views[stage.id].kernels;
    const BaselineCase* base = find(sources.stored, stage.id);
    return base && !now.empty() &&
           std::equal(now.begin(), now.end(), base->kernels.begin(), base->kernels.end(),
                      [](const KernelLaunch& a, const KernelLaunch& b) {
                        return !a.code.empty() && a == b;
                      });
  };
  if (one.stage) return same(one);
  const std::vector<Case> layer = cases_of(sources.run.plan.workloads[one.workload], one.workload);
  return std::all_of(layer.begin(), layer.end(),
                     [&](const Case& stage) { return !stage.stage || same(stage); });
}

/// Whether both sides of the evidence are of one board.
bool same_board(const Sources& sources, const Evidence& evidence) {
  return sources.run.gpu->uuid == sources.baseline.gpu.uuid || evidence.against_base_build();
}

/// A case on its way to a verdict: without evidence its reason is settled already.
struct Pending {
  CaseReport report;
  std::optional<Evidence> evidence;
  bool same_code = false;
};

Pending gather(const Sources& sources, const Case& one) {
  const RunRecord& run = sources.run;
  Pending pending;
  CaseReport& report = pending.report;
  report.id = one.id;
  report.bytes = case_bytes(run.plan, one);
  report.tolerance = sources.policy.tolerance_of(one.id).ratio;
  const CaseView& head = sources.views[one.id];
  const BaselineCase* base = find(sources.stored, one.id);
  // Where there are rounds they decide, so they are what is shown.
  const bool rounds = head.rounds_s.size() >= 2;
  if (rounds || !head.durations_s.empty())
    report.head_s = median(rounds ? head.rounds_s : head.durations_s);
  if (base) report.base_s = median(base->durations_s);
  if (rounds && !head.rounds_base_s.empty()) report.base_s = median(head.rounds_base_s);
  for (const auto& [id, value] : head.metrics)
    report.metrics[id] = {std::nullopt, value, head.doubtful.contains(id)};
  if (base)
    for (const auto& [id, value] : base->metrics) report.metrics[id].base = value;
  for (const KernelLaunch& launch : head.kernels) report.kernels.push_back(launch.name);

  if (head.failed_check) {
    const CaseCheck& check = *head.failed_check;
    fail(report, Reason::wrong_result,
         check.error ? fmt::format("error {:.2e} against the reference, limit {:.0e}, over {}",
                                   *check.error, check.limit,
                                   count_of(static_cast<std::size_t>(check.elements), "output"))
                     : "the output holds a NaN");
  } else if (head.failure) {
    fail(report, Reason::not_measured, *head.failure);
  } else if (head.kernels_changed) {
    fail(report, Reason::kernels_changed, "not the same kernels in every process");
  } else if (sources.invalid) {
    fail(report, sources.invalid->reason, sources.invalid->why);
  } else if (sources.differs) {
    fail(report, sources.differs->reason, sources.differs->why);
  } else if (head.durations_s.size() < 2 && !rounds && sources.dead) {
    fail(report, Reason::runner_failed, *sources.dead);
  } else if (head.durations_s.size() < 2 && !rounds) {
    fail(report, Reason::too_few_processes,
         count_of(head.durations_s.size(), "process") + " measured it, two are needed");
  } else if (!base) {
    fail(report, Reason::no_baseline, "add it with `perfgate baseline refresh`");
  } else {
    pending.evidence = evidence_of(sources, head, report.bytes, *base);
    report.tolerance = threshold_of(sources.policy, report.id, *report.base_s,
                                    same_board(sources, *pending.evidence));
    report.rounds = static_cast<int>(head.rounds_s.size());
    // Of another board, or of a scaled baseline, nobody measured that counters repeat.
    if (run.gpu->uuid == sources.baseline.gpu.uuid)
      report.metric_checks =
          check_metrics(report.id, head, *base, run.plan.metrics, sources.policy);
    pending.same_code = !pending.evidence->against_base_build() && same_code(sources, one);
  }
  return pending;
}

/// The p-values of all cases, which share `alpha`.
std::vector<Chance> chances(const std::vector<double>& p_values, double alpha) {
  const std::vector<double> levels = holm_levels(p_values, alpha);
  const std::vector<bool> proved = holm(p_values, alpha);
  std::vector<Chance> out;
  for (std::size_t i = 0; i < p_values.size(); ++i)
    out.push_back({p_values[i], levels[i], proved[i]});
  return out;
}

/// Everything that the conclusions on the cases with evidence rest on; the others have none.
void add_proofs(std::vector<Pending>& pending, const Sources& sources) {
  const JudgePolicy& policy = sources.policy;
  std::vector<double> slower_p, faster_p;
  for (const Pending& one : pending) {
    if (!one.evidence) continue;
    const Estimate found = *estimate(*one.evidence);
    slower_p.push_back(slower_p_value(found));
    faster_p.push_back(faster_p_value(found, one.report.tolerance));
  }
  const double alpha = look_alpha(policy.alpha);
  const std::vector<Chance> slower = chances(slower_p, alpha), faster = chances(faster_p, alpha);
  std::size_t i = 0;
  for (Pending& one : pending) {
    if (!one.evidence) continue;
    Proof proof;
    proof.evidence = *one.evidence;
    proof.estimate = *estimate(proof.evidence);
    proof.criteria = {one.report.tolerance, policy.screen_alpha};
    proof.slower = slower[i];
    proof.faster = faster[i++];
    proof.alpha = alpha;
    proof.judged = slower.size();
    proof.conclusion =
        conclude(proof.evidence, proof.criteria, {proof.slower.proved, proof.faster.proved});
    const Tolerance& tolerance = policy.tolerance_of(one.report.id);
    proof.tolerance = tolerance.cases;
    proof.why = tolerance.why;
    proof.floor_s = policy.floor_s;
    if (!same_board(sources, proof.evidence)) proof.other_board = policy.other_board;
    one.report.proof = std::move(proof);
  }
}

/// The verdict that the proof and the metrics give.
void settle(CaseReport& report, const std::vector<Metric>& metrics, bool same_code) {
  const Proof& proof = *report.proof;
  report.change = change_of(proof.estimate, proof.criteria.screen_alpha);
  report.reason = reason_of(proof.conclusion);
  report.why = conclusion_words(proof.conclusion, report, proof.evidence);
  if (proof.conclusion == Conclusion::confirmed && same_code) {
    report.reason = Reason::environment;
    report.why +=
        "; but its machine code and launch are the baseline's: the machine, or what "
        "ran before it, not this kernel; --base-runner would tell";
  }
  if (proof.conclusion == Conclusion::faster && same_code) {
    report.reason = Reason::same_code_faster;
    report.why = fmt::format("faster by {}; but its machine code and launch are the baseline's",
                             bounds_words(report, proof.evidence));
  }
  // Work that was added is no matter of the machine's; only a faster kernel may do more of it, and
  // one that looks faster has the benefit of the doubt.
  const MetricCheck* breach = worst_breach(report.metric_checks);
  if (breach && proof.conclusion != Conclusion::faster &&
      proof.conclusion != Conclusion::seems_faster) {
    report.reason = Reason::more_work;
    report.why = fmt::format("{}; {}", breach_words(*breach, metrics), report.why);
  }
}

std::vector<CaseReport> judge_cases(const RunRecord& run, const Baseline& baseline,
                                    const JudgePolicy& policy) {
  const Sources sources(run, baseline, policy);
  std::vector<Pending> pending;
  for (const Case& one : run.plan.cases) pending.push_back(gather(sources, one));
  add_proofs(pending, sources);
  std::vector<CaseReport> reports;
  for (Pending& one : pending) {
    if (one.report.proof) settle(one.report, run.plan.metrics, one.same_code);
    reports.push_back(std::move(one.report));
  }
  return reports;
}

ExitCode exit_code_of(const Report& report, const JudgePolicy& policy) {
  if (report.count(Verdict::regressed) > 0) return ExitCode::regressed;
  const bool undecided =
      report.count(Verdict::inconclusive) > 0 && policy.on_inconclusive == OnInconclusive::fail;
  if (report.cases.empty() || report.failed() > 0 || undecided) return ExitCode::no_verdict;
  return ExitCode::pass;
}

template <class T>
void note_difference(Report& report, std::string_view what, const T& base, const T& head) {
  if (base != head)
    report.notes.push_back(
        fmt::format("{}: {} now, {} in the baseline; durations may differ for that reason alone",
                    what, head, base));
}

void note_conditions(Report& report, const RunRecord& run, const Baseline& baseline,
                     const JudgePolicy& policy) {
  const GpuFingerprint &head = *run.gpu, &base = baseline.gpu;
  if (head.uuid != base.uuid)
    report.notes.push_back(fmt::format(
        "the baseline is of another board ({}, this one is {}): durations are scaled by the "
        "sentinels and tolerances raised by {:.1f} %; a baseline of this board's own sees more",
        base.uuid, head.uuid, 100 * policy.other_board));
  if (const auto now = median_sentinels(run); now && baseline.sentinels)
    if (std::string note = drift_note(*baseline.sentinels, *now); !note.empty())
      report.notes.push_back(std::move(note));
  if (head.driver && base.driver) note_difference(report, "driver", *base.driver, *head.driver);
  note_difference(report, "CUDA", base.cuda, head.cuda);
  note_difference(report, "cuBLAS", base.cublas, head.cublas);
  note_difference(report, "clock policy", clock_policy_id(baseline.clocks),
                  clock_policy_id(run.clocks));
  if (head.power_limit_w && base.power_limit_w)
    note_difference(report, "power limit (W)", *base.power_limit_w, *head.power_limit_w);
}

void note_processes(Report& report, const RunRecord& run) {
  for (const ProcessRecord& process : run.processes) {
    if (process.kind == ProcessKind::counters)
      for (const AbsentMetric& absent : process.absent)
        report.notes.push_back(fmt::format("no {}: {}", absent.metric, absent.why));
  }
  if (const auto dead = first_process_error(run)) report.notes.push_back(*dead);
  for (std::string& note : validity_notes(run)) report.notes.push_back(std::move(note));
  for (const CaseReport& one : report.cases)
    if (std::any_of(one.metrics.begin(), one.metrics.end(),
                    [](const auto& metric) { return metric.second.doubtful; })) {
      report.notes.push_back(
          "a number with a ? comes from several passes over kernels under 20 us, which differ");
      break;
    }
  if (!has_counters(run))
    report.notes.push_back(
        "no counters in this run: it is judged by durations alone, without IPC, throughputs and "
        "hit rates");
}

}  // namespace

Report judge(const RunRecord& run, const Baseline& baseline, const JudgePolicy& policy) {
  if (!run.gpu) {
    const auto dead = first_process_error(run);
    throw NoVerdict("nothing was measured: " + dead.value_or("the run has no process in it"));
  }
  if (run.gpu->name != baseline.gpu.name)
    throw NoVerdict(fmt::format("the run is of a {}, the baseline of a {}: not comparable",
                                run.gpu->name, baseline.gpu.name));
  Report report;
  report.perfgate = run.perfgate;
  report.gpu_id = run.gpu_id;
  report.gpu_name = run.gpu->name;
  report.conditions = fmt::format("{}, driver {}, CUDA {}, cuBLAS {}, clocks {}, measured {}",
                                  run.gpu->name, run.gpu->driver.value_or("unknown"), run.gpu->cuda,
                                  run.gpu->cublas, clock_policy_id(run.clocks), run.created);
  report.against =
      fmt::format("{} of {} ({})", baseline.gpu_id, baseline.created,
                  baseline.commit.empty() ? "no commit" : baseline.commit.substr(0, 12));
  report.metrics = run.plan.metrics;
  report.cases = judge_cases(run, baseline, policy);
  for (const ProcessRecord& process : run.processes) report.wall_s += process.wall_s;
  note_conditions(report, run, baseline, policy);
  note_processes(report, run);
  report.exit_code = exit_code_of(report, policy);
  return report;
}

std::vector<std::string> cases_to_confirm(const RunRecord& run, const Baseline& baseline,
                                          const JudgePolicy& policy) {
  std::vector<std::string> ids;
  if (!run.gpu) return ids;
  for (const CaseReport& one : judge_cases(run, baseline, policy)) {
    // What the screen alone proves is measured again, in both directions. What only looks faster
    // passes as it is; where there are rounds already, more of them may prove it.
    const bool by_screen =
        one.rounds == 0 && (one.reason == Reason::slower || one.reason == Reason::environment ||
                            one.reason == Reason::faster);
    const bool by_rounds =
        one.reason == Reason::seems_faster && one.rounds > 0 && one.rounds < looks.back();
    if (one.reason == Reason::unconfirmed || by_screen || by_rounds) ids.push_back(one.id);
  }
  return ids;
}

}  // namespace perfgate
