// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/builds.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/baseline/baseline.h"
#include "gate/cli/outputs.h"
#include "gate/judge/conclusion.h"
#include "gate/judge/judge.h"
#include "gate/measure/confirmation.h"
#include "gate/measure/recount.h"
#include "gate/run/run_view.h"
#include "gate/util/error.h"

namespace perfgate {

namespace {

/// Returns the cases that need more rounds: all of them first, then what these leave open.
std::vector<std::string> unsettled(const RunRecord& run, const JudgePolicy& policy) {
  const bool begun = std::any_of(
      run.processes.begin(), run.processes.end(),
      [](const ProcessRecord& process) { return process.round > 0 && !process.timings.empty(); });
  if (!begun) return case_ids(run.plan);
  return cases_to_confirm(run, make_baseline(base_side(run)), policy);
}

/// Both builds were counted alike before; what the set `explain` has besides is asked for the cases
/// that are slower alone.
Recount recount_of(const RunRecord& run, const Config& config) {
  if (!run.gpu || config.measure.metric_set == explaining_set) return {};
  return {regressed_cases(run, make_baseline(base_side(run)), config.judge),
          explaining_metrics(config.metrics)};
}

}  // namespace

void add_rounds(CommandParser& parser, std::optional<int>& rounds) {
  parser.option("--rounds N", rounds, looks.front(), looks.back(),
                fmt::format("at most N rounds, {0} to {1} [{1}]", looks.front(), looks.back()));
}

RunRecord measure_builds(const MeasuringOptions& options, const Project& project,
                         const Config& config, const std::vector<std::string>& head_arguments,
                         const Build& base, WithCounters counters, std::optional<int> rounds,
                         const std::vector<std::string>& explain) {
  const NvmlGpu gpu = required_gpu(config, options.gpu);
  MeasureRequest request =
      make_request(options, project, config, gpu, 0,
                   stored_tuning(project, {gpu_id(config.gpus, gpu.name), gpu.uuid}));
  request.build.arguments = head_arguments;
  request.base = base;
  request.order_seed = drawn_seed();
  require_explained(case_ids(request.record.plan), explain);
  return measure_with_progress(
      request, options, [&](const MeasureRequest& locked, const Progress& progress) {
        RunRecord measured = locked.record;
        if (counters == WithCounters::yes) {
          progress("counters of the base build", 0, 2);
          measure_once(for_side(locked, Side::base), ProcessKind::counters, Side::base, 0,
                       measured);
          progress("counters of the head build", 1, 2);
          measure_once(locked, ProcessKind::counters, Side::head, 0, measured);
        }
        confirm(
            measured, locked, {rounds.value_or(looks.back())},
            [&](const RunRecord& so_far) { return unsettled(so_far, config.judge); }, progress);
        if (counters == WithCounters::yes)
          count_again(measured, locked, recount_of(measured, config), progress);
        complete_fingerprint(measured, locked.gpu);
        return measured;
      });
}

RunRecord measure_program_builds(const MeasuringOptions& options, const Project& project,
                                 const Config& config, const ProgramTask& task,
                                 std::optional<int> rounds, std::vector<std::string>& notes) {
  const NvmlGpu gpu = required_gpu(config, options.gpu);
  MeasureRequest request = make_program_request(options, project, config, task, gpu, 0);
  request.base = request.build;  // the sentinels' runner; the task has the commands
  request.order_seed = drawn_seed();
  return measure_with_progress(
      request, options, [&](const MeasureRequest& locked, const Progress& progress) {
        ProgramRun measured = measure_program(locked, task, progress);
        MeasureRequest again = locked;
        again.record.plan = measured.record.plan;
        if (counts_program(task)) {
          progress("counters of the base build", 0, 1);
          count_program_once(again, task, Side::base, 0, measured);
        }
        const auto more = [&](const MeasureRequest& part, ProcessKind, Side side, int round,
                              RunRecord& run) {
          return measure_program_once(part, task, measured, side, round, run);
        };
        confirm(
            measured.record, again, {rounds.value_or(looks.back()), more},
            [&](const RunRecord& so_far) { return unsettled(so_far, config.judge); }, progress);
        count_program_again(measured, again, task, recount_of(measured.record, config), progress);
        notes.insert(notes.end(), measured.notes.begin(), measured.notes.end());
        return measured.record;
      });
}

Report judge_builds(const RunRecord& run, const Config& config) {
  if (!run.gpu)
    throw NoVerdict("nothing was measured: " + first_process_error(run).value_or("no process ran"));
  return judge_and_explain(run, make_baseline(base_side(run)), config);
}

}  // namespace perfgate
