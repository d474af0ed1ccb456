#include "gate/cli/ab_commands.h"

#include <fmt/format.h>

#include <chrono>

#include "gate/baseline/baseline.h"
#include "gate/cli/commands.h"
#include "gate/cli/outputs.h"
#include "gate/decode/layer_model.h"
#include "gate/gpu/gpu_choice.h"
#include "gate/judge/conclusion.h"
#include "gate/judge/judge.h"
#include "gate/measure/confirmation.h"
#include "gate/os/terminal.h"
#include "gate/report/qualify.h"
#include "gate/report/render.h"
#include "gate/run/run_view.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

enum class WithCounters { yes, no };

/// Everything in interleaved rounds; judged by nothing but each other.
RunRecord measure_builds(const Options& options, const House& house, const Config& config,
                         const std::vector<std::string>& head_arguments, const Build& base,
                         WithCounters counters) {
  const GpuList list = usable_gpus();
  if (list.gpus.empty()) throw NoVerdict(fmt::format("no GPU: {}", list.why_none));
  const NvmlGpu gpu = choose_gpu(config, list.gpus, options.gpu);
  MeasureRequest request = make_request(options, house, config, gpu, 0);
  request.build.arguments = head_arguments;
  require_explained(case_ids(request.record.plan), options);
  return measure_with_progress(
      request, options, [&](const MeasureRequest& locked, const Progress& progress) {
        RunRecord measured = locked.record;
        MeasureRequest of_base = locked;
        of_base.build = base;
        if (counters == WithCounters::yes) {
          progress("counters of the base build", 0, 2);
          measure_once(of_base, ProcessKind::counters, Side::base, 0, measured);
          progress("counters of the head build", 1, 2);
          measure_once(locked, ProcessKind::counters, Side::head, 0, measured);
        }
        confirm(
            measured, locked, {base, options.rounds.value_or(looks.back())},
            [&](const RunRecord& so_far) {
              if (!median_sentinels(so_far, Phase::rounds)) return case_ids(so_far.plan);
              return cases_to_confirm(so_far, make_baseline(base_side(so_far)), config.judge);
            },
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

Planted planted_by(const Options& options) {
  Planted planted;
  if (!options.slow_percent) return planted;
  planted.ratio = *options.slow_percent / 100;
  for (const std::string& id : options.stages) {
    if (!find_by_id(stages, id))
      throw UsageError(
          fmt::format("--stage {}: no such stage{}", id, did_you_mean(id, ids_of(stages))));
    planted.parts.push_back(id);
  }
  return planted;
}

/// The runner's argument that puts marker kernels around the stages and stretches them by `ratio`.
std::vector<std::string> stretch_arguments(const Planted& planted, double ratio) {
  if (planted.parts.empty()) return {};
  return {"--stretch", fmt::format("{}={}", join(planted.parts, ","), ratio)};
}

}  // namespace

ExitCode compare_builds(const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  const House house = find_house(options.config);
  const Config config = configured(house, options);
  const Build base{*options.base_runner, {}};
  const RunRecord run = measure_builds(options, house, config, {}, base, WithCounters::yes);
  keep_record(run, options);
  Report report = judge_builds(run, config);
  report.against = fmt::format("the base build {}, in the same rounds", *options.base_runner);
  report.wall_s = seconds_since(begin);
  return deliver(report, options);
}

ExitCode qualify_machine(const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  const House house = find_house(options.config);
  const Config config = configured(house, options);
  const Planted planted = planted_by(options);
  // The base has the markers too: they cost a few microseconds, which are not what was planted.
  const Build base{runner_path(options.runner), stretch_arguments(planted, 0)};
  const RunRecord run = measure_builds(
      options, house, config, stretch_arguments(planted, planted.ratio), base, WithCounters::no);
  keep_record(run, options);
  Report report = judge_builds(run, config);
  report.against =
      planted.parts.empty()
          ? "the same build, in the same rounds (A/A)"
          : fmt::format("the same build without the planted {:.1f} %, in the same rounds",
                        100 * planted.ratio);
  report.wall_s = seconds_since(begin);
  put(options.json, [&] { return render_json(report); });
  print_stdout(render_qualification(report, planted));
  return qualified(report, planted) ? ExitCode::pass : ExitCode::no_verdict;
}

}  // namespace perfgate
