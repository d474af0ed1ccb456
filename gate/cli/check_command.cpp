// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/check_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <utility>

#include "gate/baseline/tuning.h"
#include "gate/cli/code_comparison.h"
#include "gate/cli/history_notes.h"
#include "gate/cli/options.h"
#include "gate/cli/outputs.h"
#include "gate/cli/policy_source.h"
#include "gate/cli/program_options.h"
#include "gate/cli/session.h"
#include "gate/cli/source_places.h"
#include "gate/config/make_plan.h"
#include "gate/gpu/gpu_choice.h"
#include "gate/judge/judge.h"
#include "gate/measure/confirmation.h"
#include "gate/measure/recount.h"
#include "gate/post/poster.h"
#include "gate/run/run_view.h"
#include "gate/run/validity.h"
#include "gate/util/error.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

struct CheckOptions {
  MeasuringOptions measuring;
  RunSource source;
  ProgramChoice program;
  std::optional<std::string> base_runner;  ///< measures again what looks slower
  BaselineOptions baseline;
  ReportOptions reports;
  std::optional<std::string> code_diff;
  std::vector<std::string> explain;
  std::optional<std::string> history;
  TextOptions text;
  PostOptions post;
};

/// Judges the recorded run of --replay.
Report replayed(const fs::path& file, const CheckOptions& options, const Project& project,
                const JudgingConfig& judging) {
  const RunRecord run = load_run(file, options.measuring.gpu, options.measuring.select);
  const std::optional<History> history = load_history(options.history);
  require_timelines(run, file, options.reports);
  require_explained(case_ids(run.plan), options.explain);
  StoredBaseline stored = stored_baseline(options.baseline, project, board_of(run));
  keep_cases(stored.baseline, options.measuring.select.only);
  Report report = judge_against(run, stored, judging.config, judging.notes);
  add_source_places(report, project, judging.config);
  note_history(history, run, report);
  report.origin = Origin::replay;
  return report;
}

/// Returns what is counted again; nothing where the run has counted it already.
Recount recount_of(const RunRecord& run, const Baseline& baseline, const Config& config,
                   const std::optional<Build>& base) {
  if (!base && config.measure.metric_set == explaining_set) return {};
  return {regressed_cases(run, baseline, config.judge), explaining_metrics(config.metrics)};
}

/// Returns the run, in which cases that look slower are measured again until they are settled.
RunRecord measure_and_confirm(const MeasureRequest& request, const CheckOptions& options,
                              const Baseline& baseline, const Config& config) {
  MeasureRequest beside = request;
  if (options.base_runner) beside.base = Build{*options.base_runner, {}};
  beside.order_seed = drawn_seed();
  return measure_with_progress(
      beside, options.measuring, [&](const MeasureRequest& locked, const Progress& progress) {
        RunRecord measured = measure(locked, progress);
        if (timing_processes(measured) < 2 || invalid_run(measured)) return measured;
        confirm(
            measured, locked, {looks.back()},
            [&](const RunRecord& so_far) {
              return cases_to_confirm(so_far, baseline, config.judge);
            },
            progress);
        count_again(measured, locked, recount_of(measured, baseline, config, locked.base),
                    progress);
        return measured;
      });
}

/// The same for a program: each round is a fresh start of its command.
RunRecord measure_program_and_confirm(const MeasureRequest& request, const ProgramTask& task,
                                      const CheckOptions& options, const Baseline& baseline,
                                      const Config& config, std::vector<std::string>& notes) {
  MeasureRequest beside = request;
  if (task.base) beside.base = request.build;  // the sentinels' runner; the task has the commands
  beside.order_seed = drawn_seed();
  return measure_with_progress(
      beside, options.measuring, [&](const MeasureRequest& locked, const Progress& progress) {
        ProgramRun measured = measure_program(locked, task, progress);
        MeasureRequest again = locked;
        again.record.plan = measured.record.plan;
        const auto more = [&](const MeasureRequest& part, ProcessKind, Side side, int round,
                              RunRecord& run) {
          return measure_program_once(part, task, measured, side, round, run);
        };
        if (timing_processes(measured.record) >= 2 && !invalid_run(measured.record)) {
          confirm(
              measured.record, again, {looks.back(), more},
              [&](const RunRecord& so_far) {
                return cases_to_confirm(so_far, baseline, config.judge);
              },
              progress);
          count_program_again(measured, again, task,
                              recount_of(measured.record, baseline, config, locked.base), progress);
        }
        notes.insert(notes.end(), measured.notes.begin(), measured.notes.end());
        return measured.record;
      });
}

void refuse_parts_of_program(const CheckOptions& options) {
  if (options.base_runner || !options.measuring.select.only.empty())
    throw UsageError(
        "a program is measured with all its ranges, and its base build is --base-folder or "
        "--base-command: leave --only and --base-runner out");
}

/// Adds to `unwritten` what was measured and could not be kept.
Report checked(const CheckOptions& options, Unwritten& unwritten) {
  const auto begin = std::chrono::steady_clock::now();
  const MeasuringOptions& measuring = options.measuring;
  const Project project = find_project(measuring.project.config);
  JudgingConfig judging = judging_config(project, measuring.policy, options.baseline);
  if (options.source.replay) return replayed(*options.source.replay, options, project, judging);
  // Who names a program wants no other; a record does not say what was asked for.
  if (!options.program.given()) judging.config.judge.owed_source = judging.default_source;
  const Config& config = judging.config;
  const std::optional<History> history = load_history(options.history);
  const std::optional<ProgramTask> task = chosen_program(project, config, options.program);
  // A gate that passes because it measured nothing is worse than none.
  const NvmlGpu gpu = required_gpu(config, measuring.gpu);
  // The baseline is read before measuring, so that a missing one is reported at once.
  StoredBaseline stored =
      stored_baseline(options.baseline, project, {gpu_id(config.gpus, gpu.name), gpu.uuid});
  const int processes = options.source.processes.value_or(config.measure.processes);
  std::vector<std::string> notes = judging.notes;
  RunRecord run;
  if (task) {
    refuse_parts_of_program(options);
    const MeasureRequest request =
        make_program_request(measuring, project, config, *task, gpu, processes);
    run = measure_program_and_confirm(request, *task, options, stored.baseline, config, notes);
  } else {
    keep_cases(stored.baseline, measuring.select.only);
    const MeasureRequest request =
        make_request(measuring, project, config, gpu, processes, choices_of(stored.baseline));
    require_explained(case_ids(request.record.plan), options.explain);
    run = measure_and_confirm(request, options, stored.baseline, config);
  }
  unwritten.attempt([&] { keep_record(run, measuring.record); });
  Report report = judge_against(run, stored, config, notes);
  add_source_places(report, project, config);
  if (options.base_runner) {
    std::string difference =
        compare_code(report, *options.base_runner, runner_path(measuring.runner));
    unwritten.attempt([&] { put(options.code_diff, [&] { return difference; }); });
  }
  note_history(history, run, report);
  if (options.reports.asked_for(FormatNeeds::timeline) && report.timelines.empty())
    report.notes.emplace_back("no process of this run kept a timeline: the trace is empty");
  report.wall_s = seconds_since(begin);
  return report;
}

ExitCode check(const CheckOptions& options) {
  PostOptions post = options.post;
  post.written = options.reports.written();
  Posting posting(post);
  try {
    posting.open();
    Unwritten unwritten;
    Report report = checked(options, unwritten);
    report.head = head_of_event(report.commit);
    const ExitCode verdict = deliver(report, options.reports,
                                     {.quiet = options.measuring.quiet,
                                      .text = options.text,
                                      .explain = options.explain,
                                      .annotations = post.wants(Place::annotations),
                                      .stdout_taken = options.measuring.record.file == "-"},
                                     std::move(unwritten));
    posting.post(report);
    return posting.exit_code(verdict);
  } catch (const std::exception& error) {
    posting.abandon(error.what());  // a check run must not stay in progress
    throw;
  }
}

}  // namespace

Action prepare_check(CommandParser& parser) {
  auto options = std::make_shared<CheckOptions>();
  add_measuring(parser, options->measuring);
  add_thorough(parser, options->measuring.policy);
  add_runner(parser, options->measuring.runner);
  parser.option("--base-runner FILE", options->base_runner,
                "the base build's: confirms what looks slower against it");
  add_run_source(parser, options->source, options->measuring);
  add_program_choice(parser, options->program);
  add_program_base(parser, options->program);
  parser.check([&check = *options] {
    if (check.code_diff && !check.base_runner)
      throw UsageError(
          "--code-diff compares two builds of the built-in layer: give --base-runner, too");
    if (check.program.given()) refuse_parts_of_program(check);
    refuse_with_replay(check.source.replay.has_value(), check.base_runner.has_value(),
                       "--base-runner");
    refuse_with_replay(check.source.replay.has_value(), check.program.given(), "a program");
    refuse_with_replay(check.source.replay.has_value(), check.program.has_base(),
                       "a program's base build");
    refuse_with_replay(check.source.replay.has_value(), check.measuring.record.file.has_value(),
                       "--output");
  });
  add_baseline_file(parser, options->baseline);
  add_baseline_ref(parser, options->baseline);
  add_reports(parser, options->reports, FormatNeeds::timeline);
  add_code_diff(parser, options->code_diff);
  add_history(parser, options->history);
  add_explain(parser, options->explain);
  add_text(parser, options->text);
  add_post(parser, options->post);
  return [options] { return check(*options); };
}

}  // namespace perfgate
