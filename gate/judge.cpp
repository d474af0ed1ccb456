#include "judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "case_view.h"
#include "error.h"
#include "validity.h"
#include "words.h"

namespace perfgate {

namespace {

constexpr double us = 1e6;

/// What a change is held against: the tolerance, but never less than the floor in seconds, which
/// for a 2 us kernel is worth more than two percent.
double threshold_of(const JudgePolicy& policy, std::string_view case_id, double base_s) {
  return std::max(policy.tolerance_of(case_id).ratio, policy.floor_s / base_s);
}

/// "+1.2 %"; what rounds to nothing has no sign.
std::string percent(double ratio) {
  const double rounded = std::round(1000 * ratio) / 10;
  return rounded == 0 ? "0.0 %" : fmt::format("{:+.1f} %", rounded);
}

/// A run that could only have proved a change of so many tolerances has seen nothing.
constexpr double blind_tolerances = 5;

void judge_duration(CaseReport& report, const CaseView& head, const BaselineCase& base,
                    const JudgePolicy& policy, bool same_board) {
  const Change change = compare(base.durations_s, head.durations_s, policy.alpha);
  report.change = change;
  report.tolerance = threshold_of(policy, report.id, *report.base_s);
  const std::string tolerance = fmt::format("tolerance {:.1f} %", 100 * report.tolerance);
  const std::string bounds = fmt::format("{} (between {} and {})", percent(change.effect),
                                         percent(change.lower), percent(change.upper));
  if (change.effect >= report.tolerance && change.lower > 0 && *report.head_s <= base.slowest_s) {
    // Some kernels have two speeds and keep one of them for minutes: the processes of a run are
    // then no independent sample, and a t interval is far too narrow (docs/decisions.md).
    report.reason = Reason::within_scatter;
    report.why = fmt::format("{}, but the baseline's own processes took up to {:.2f} us", bounds,
                             base.slowest_s * us);
  } else if (change.effect >= report.tolerance && change.lower > 0) {
    // Two boards differed by 14 % in a short kernel that was the same (docs/decisions.md), and
    // nothing in a stored baseline tells that from a slower kernel.
    report.reason = same_board ? Reason::slower : Reason::other_board;
    report.why = same_board ? fmt::format("slower by {}, {}", bounds, tolerance)
                            : fmt::format(
                                  "slower by {} than another board; refresh the baseline on this "
                                  "one to judge it",
                                  bounds);
  } else if (change.effect <= -report.tolerance && change.upper < 0) {
    report.reason = Reason::faster;
    report.why = fmt::format("faster by {}: refresh the baseline to keep it", bounds);
  } else if (change.upper < report.tolerance) {
    report.reason = Reason::within_tolerance;
    report.why = fmt::format("below {}, {}", percent(change.upper), tolerance);
  } else if (change.effect < report.tolerance &&
             change.detectable <= blind_tolerances * report.tolerance) {
    report.reason = Reason::not_flagged;
    report.why = fmt::format("no slowdown seen: {}; {} and more would have been", bounds,
                             percent(change.detectable));
  } else {
    report.reason = Reason::too_noisy;
    report.why =
        fmt::format("{} does not settle a {}; the smallest change that this run could prove is {}",
                    bounds, tolerance, percent(change.detectable));
  }
}

void fail(CaseReport& report, Reason reason, std::string why) {
  report.reason = reason;
  report.why = std::move(why);
}

CaseReport judge_case(const RunRecord& run, const Case& one, const Baseline& baseline,
                      const JudgePolicy& policy) {
  CaseReport report;
  report.id = one.id;
  report.bytes = case_bytes(run.plan, one);
  report.tolerance = policy.tolerance_of(one.id).ratio;
  const CaseView head = view_case(run, one.id);
  const BaselineCase* base = baseline.find(one.id);
  if (!head.durations_s.empty()) report.head_s = median(head.durations_s);
  if (base) report.base_s = median(base->durations_s);
  for (const auto& [id, value] : head.metrics)
    report.metrics[id] = {std::nullopt, value, head.doubtful.contains(id)};
  if (base)
    for (const auto& [id, value] : base->metrics) report.metrics[id].base = value;
  for (const KernelLaunch& launch : head.kernels) report.kernels.push_back(launch.name);

  const std::optional<std::string> dead = first_process_error(run);
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
  } else if (const auto invalid = invalid_run(run)) {
    fail(report, invalid->reason, invalid->why);
  } else if (const auto differs = settings_differ(run, baseline)) {
    fail(report, differs->reason, differs->why);
  } else if (head.durations_s.size() < 2 && dead) {
    fail(report, Reason::runner_failed, *dead);
  } else if (head.durations_s.size() < 2) {
    fail(report, Reason::too_few_processes,
         count_of(head.durations_s.size(), "process") + " measured it, two are needed");
  } else if (!base) {
    fail(report, Reason::no_baseline, "add it with `perfgate baseline refresh`");
  } else {
    judge_duration(report, head, *base, policy, run.gpu->uuid == baseline.gpu.uuid);
  }
  return report;
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

void note_conditions(Report& report, const RunRecord& run, const Baseline& baseline) {
  const GpuFingerprint &head = *run.gpu, &base = baseline.gpu;
  if (head.uuid != base.uuid)
    report.notes.push_back(fmt::format(
        "the baseline is of another board ({}, this one is {}): boards of one model differ by "
        "3 %, in short kernels by 14 %, so nothing can be proved slower",
        base.uuid, head.uuid));
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
  for (const Case& one : run.plan.cases)
    report.cases.push_back(judge_case(run, one, baseline, policy));
  for (const ProcessRecord& process : run.processes) report.wall_s += process.wall_s;
  note_conditions(report, run, baseline);
  note_processes(report, run);
  report.exit_code = exit_code_of(report, policy);
  return report;
}

}  // namespace perfgate
