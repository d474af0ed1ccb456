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

void add_rounds(CommandParser& parser, std::optional<int>& rounds) {
  parser.option("--rounds N", rounds, looks.front(), looks.back(),
                fmt::format("at most N rounds, {0} to {1} [{1}]", looks.front(), looks.back()));
}

RunRecord measure_builds(const MeasuringOptions& options, const Project& project,
                         const Config& config, const std::vector<std::string>& head_arguments,
                         const Build& base, WithCounters counters, std::optional<int> rounds,
                         const std::vector<std::string>& explain) {
  const NvmlGpu gpu = required_gpu(config, options.gpu);
  MeasureRequest request = make_request(options, project, config, gpu, 0);
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
            [&](const RunRecord& so_far) {
              const bool begun = std::any_of(so_far.processes.begin(), so_far.processes.end(),
                                             [](const auto& process) {
                                               return process.round > 0 && !process.timings.empty();
                                             });
              if (!begun) return case_ids(so_far.plan);
              return cases_to_confirm(so_far, make_baseline(base_side(so_far)), config.judge);
            },
            progress);
        // Both builds were counted alike above; what the set `explain` has besides is asked for the
        // cases that are slower alone.
        if (counters == WithCounters::yes && config.measure.metric_set != explaining_set)
          count_again(measured, locked,
                      {regressed_cases(measured, make_baseline(base_side(measured)), config.judge),
                       explaining_metrics(config.metrics)},
                      progress);
        complete_fingerprint(measured, locked.gpu);
        return measured;
      });
}

Report judge_builds(const RunRecord& run, const Config& config) {
  if (!run.gpu)
    throw NoVerdict("nothing was measured: " + first_process_error(run).value_or("no process ran"));
  return judge_and_explain(run, make_baseline(base_side(run)), config);
}

}  // namespace perfgate
