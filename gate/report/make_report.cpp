// SPDX-License-Identifier: Apache-2.0
#include "gate/report/make_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/diagnose/analysis.h"
#include "gate/diagnose/launch_effects.h"
#include "gate/diagnose/sequence_difference.h"
#include "gate/judge/judge.h"
#include "gate/judge/program_cases.h"
#include "gate/run/beat_note.h"
#include "gate/run/clock_note.h"
#include "gate/run/machine_drift.h"
#include "gate/run/validity.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

using Notes = std::vector<std::string>;

template <class T>
void note_difference(Notes& notes, std::string_view what, const T& base, const T& head) {
  if (base != head)
    notes.push_back(
        fmt::format("{}: {} now, {} in the baseline; durations may differ for that reason alone",
                    what, head, base));
}

/// Notes what is known of how fast this board is against those that the baseline was measured on.
void note_machine(Notes& notes, const Comparison& comparison, const JudgePolicy& policy) {
  const Baseline& baseline = comparison.baseline();
  const std::string& board = comparison.run().gpu->uuid;
  const BoardMatch match = comparison.board_match();
  const auto then = comparison.stored_sentinels();
  const auto& now = comparison.sentinels(Phase::screen);
  const std::string_view scaled = then && now ? "durations are scaled by the sentinels, and " : "";
  if (match == BoardMatch::other)
    notes.push_back(fmt::format(
        "the baseline is of another board ({}, this one is {}): {}tolerances are raised by {:.1f} "
        "%; three sessions of this board (`perfgate baseline refresh --add`) see more",
        baseline.gpu.uuid, board, scaled, 100 * policy.other_board));
  if (match == BoardMatch::pool)
    notes.push_back(
        fmt::format("the baseline is of {} other boards, this one is {}: {}how far "
                    "boards differ is in the bounds",
                    baseline.boards(), board, scaled));
  const std::string_view without = now ? "the baseline" : "this run";
  if (then && now) {
    if (std::string note = drift_note(*then, *now, match == BoardMatch::own); !note.empty())
      notes.push_back(std::move(note));
  } else if (match != BoardMatch::own) {
    notes.push_back(unknown_machine_note(without));
  } else if (then || now) {
    notes.push_back(fmt::format(
        "no sentinels in {}: a machine that became slower would be taken for slower code",
        without));
  }
}

void note_conditions(Notes& notes, const Comparison& comparison, const JudgePolicy& policy) {
  const RunRecord& run = comparison.run();
  const Baseline& baseline = comparison.baseline();
  const GpuFingerprint &head = *run.gpu, &base = baseline.gpu;
  note_machine(notes, comparison, policy);
  if (head.driver && base.driver) note_difference(notes, "driver", *base.driver, *head.driver);
  note_difference(notes, "CUDA", base.cuda, head.cuda);
  note_difference(notes, "cuBLAS", base.cublas, head.cublas);
  note_difference(notes, "clock policy", clock_policy_id(baseline.clocks),
                  clock_policy_id(run.clocks));
  if (head.power_limit_w && base.power_limit_w)
    note_difference(notes, "power limit (W)", *base.power_limit_w, *head.power_limit_w);
}

void note_processes(Notes& notes, const RunRecord& run) {
  if (std::string note = free_clocks_note(run); !note.empty()) notes.push_back(std::move(note));
  for (const ProcessRecord& process : run.processes)
    if (process.kind == ProcessKind::counters && process.round == 0)
      for (const AbsentMetric& absent : process.absent)
        notes.push_back(fmt::format("no {}: {}", absent.metric, absent.why));
  if (const auto dead = first_process_error(run)) notes.push_back(*dead);
  for (std::string& note : validity_notes(run)) notes.push_back(std::move(note));
  for (std::string& note : beat_notes(run)) notes.push_back(std::move(note));
  if (!has_counters(run))
    notes.emplace_back(
        "no counters in this run: it is judged by durations alone, without IPC, throughputs and "
        "hit rates");
}

/// Returns the first few of these, and how many more there are.
std::string listed(std::vector<std::string> words) {
  constexpr std::size_t most = 10;
  const std::size_t more = words.size() > most ? words.size() - most : 0;
  words.resize(words.size() - more);
  return join(words) + (more > 0 ? fmt::format(" and {} more", more) : "");
}

/// Notes first what the change accepts, so that it is never silent.
void note_accepted(Notes& notes, const std::vector<CaseReport>& cases) {
  std::vector<std::string> accepted;
  for (const CaseReport& entry : cases)
    if (entry.verdict() == Verdict::accepted)
      accepted.push_back(fmt::format("{} {}", entry.id, percent(entry.change->effect)));
  if (!accepted.empty())
    notes.push_back("slower, and accepted by this change: " + listed(std::move(accepted)));
}

/// Notes that the run passes without having compared anything, which its counts alone say quietly.
void note_nothing_compared(Notes& notes, const std::vector<CaseReport>& cases) {
  if (!cases.empty() && std::all_of(cases.begin(), cases.end(), [](const CaseReport& entry) {
        return entry.verdict() == Verdict::fresh;
      }))
    notes.emplace_back(
        "nothing was compared: the baseline that judges has none of these cases, so this run says "
        "nothing of their speed");
}

/// Notes which ranges launch other kernels than in the baseline, and what differs: where the range
/// itself is no slower, no row tells.
void note_sequences(Notes& notes, const Comparison& comparison,
                    const std::vector<CaseReport>& cases) {
  constexpr std::size_t most_phrases = 3;
  for (const CaseReport& whole : cases) {
    const bool differs = std::any_of(cases.begin(), cases.end(), [&](const CaseReport& part) {
      return part.reason == Reason::other_sequence &&
             std::find(whole.whole_of.begin(), whole.whole_of.end(), part.id) !=
                 whole.whole_of.end();
    });
    if (!differs) continue;
    const Launches both = comparison.launches(whole.id);
    notes.push_back(fmt::format(
        "{} launches other kernels than in the baseline: {}", whole.id,
        sequence_difference(operator_names(both.head), operator_names(both.base), most_phrases)
            .text));
  }
}

/// Notes the cases that were judged speed by speed, which readers of their one median must know.
void note_two_speeds(Notes& notes, const std::vector<CaseReport>& cases) {
  std::vector<std::string> found;
  for (const CaseReport& entry : cases)
    if (entry.basis && entry.basis->evidence.speeds) found.push_back(entry.id);
  if (!found.empty())
    notes.push_back("two speeds, by chance and from process to process, judged one by one: " +
                    listed(std::move(found)));
}

/// Notes the cases that the base build does not have, which the stored baseline judges instead.
void note_lacking(Notes& notes, const Comparison& comparison) {
  std::vector<std::string> lacking;
  for (const Case& planned : comparison.run().plan.cases)
    if (comparison.base(planned.id) && base_build_lacks(comparison, planned))
      lacking.push_back(planned.id);
  if (!lacking.empty())
    notes.push_back("the base build does not have these, so the stored baseline judges them: " +
                    listed(std::move(lacking)));
}

/// Notes what came before the change: with a base build it is no case's verdict, and it must not
/// vanish among the rows that passed.
void note_drifts(Notes& notes, const std::vector<CaseReport>& cases) {
  std::vector<std::string> drifted;
  for (const CaseReport& entry : cases)
    if (entry.drift)
      drifted.push_back(fmt::format("{} {}", entry.id, percent(entry.drift->effect)));
  if (!drifted.empty())
    notes.push_back(
        "drifted: slower than the stored baseline by more than the tolerance, which came before "
        "this change: " +
        listed(std::move(drifted)));
}

ProcessConditions conditions_of(const ProcessRecord& process, const RunRecord& run) {
  ProcessConditions out{process.kind,
                        process.side,
                        process.round,
                        process.wall_s,
                        process.sentinels,
                        process.conditions,
                        ""};
  if (process.error)
    out.problem = *process.error;
  else if (const auto invalid = validate(process, run))
    out.problem = invalid->why;
  return out;
}

/// Joins case, verdict and analysis of the same index into rows. The plan does not have the last
/// ones, which stand in the baseline alone.
std::vector<CaseReport> join_cases(const Plan& plan, std::vector<CaseVerdict> found,
                                   std::vector<CaseAnalysis> analyses) {
  std::vector<CaseReport> cases;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i >= plan.cases.size()) {
      const std::string id = found[i].id;
      const std::size_t slash = id.rfind('/');
      cases.push_back({std::move(found[i]),
                       std::move(analyses.at(i)),
                       id.substr(0, slash),
                       id.substr(slash + 1),
                       {},
                       std::nullopt});
      continue;
    }
    const Case& planned = plan.cases[i];
    cases.push_back({std::move(found[i]), std::move(analyses.at(i)), planned.group, planned.part,
                     planned.whole_of, planned.work.dram_bytes});
  }
  return cases;
}

}  // namespace

Report make_report(const RunRecord& run, const Baseline& baseline, const JudgePolicy& policy,
                   const GpuModel* gpu) {
  const Comparison comparison(run, baseline);
  std::vector<CaseVerdict> found = judge(comparison, policy);
  std::vector<CaseAnalysis> analyses = analyse(comparison, found, gpu);
  Report report;
  report.exit_code = exit_code_of(found, policy);
  report.cases = join_cases(run.plan, std::move(found), std::move(analyses));
  report.perfgate = run.perfgate;
  report.commit = run.commit;
  report.compute_capability = run.gpu->compute_capability;
  report.sm_count = run.gpu->sm_count;
  report.created = run.created;
  report.gpu_id = run.gpu_id;
  report.gpu_name = run.gpu->name;
  report.conditions = fmt::format("{}, driver {}, CUDA {}, cuBLAS {}, clocks {}, measured {}",
                                  run.gpu->name, run.gpu->driver.value_or("unknown"), run.gpu->cuda,
                                  run.gpu->cublas, clock_policy_id(run.clocks), run.created);
  report.against =
      fmt::format("{} of {} ({})", baseline.gpu_id, baseline.created,
                  baseline.commit.empty() ? "no commit" : baseline.commit.substr(0, 12));
  report.metrics = run.plan.metrics;
  for (const ProcessRecord& process : run.processes) {
    report.wall_s += process.wall_s;
    report.processes.push_back(conditions_of(process, run));
  }
  report.timelines = timelines_of(run);
  note_nothing_compared(report.notes, report.cases);
  note_accepted(report.notes, report.cases);
  note_sequences(report.notes, comparison, report.cases);
  if (!comparison.other_metrics().empty())
    report.notes.push_back(
        fmt::format("not compared, for the baseline defines them otherwise: {}; refresh it",
                    join(comparison.other_metrics())));
  note_conditions(report.notes, comparison, policy);
  note_lacking(report.notes, comparison);
  note_drifts(report.notes, report.cases);
  note_two_speeds(report.notes, report.cases);
  note_processes(report.notes, run);
  return report;
}

Report make_profile(const RunRecord& run, const JudgePolicy& policy, const GpuModel* gpu) {
  Baseline nothing = make_baseline(run);
  nothing.cases.clear();
  Report report = make_report(run, nothing, policy, gpu);
  report.origin = Origin::profile;
  report.against = "none";
  for (CaseReport& entry : report.cases)
    if (entry.reason == Reason::no_baseline) {
      entry.reason = Reason::profiled;
      entry.why = reason_info(entry.reason).meaning;
    }
  report.exit_code = report.failed() > 0 ? ExitCode::no_verdict : ExitCode::pass;
  return report;
}

}  // namespace perfgate
