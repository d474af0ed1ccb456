#include "gate/cli/commands.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <ctime>

#include "gate/baseline/baseline.h"
#include "gate/cli/ab_commands.h"
#include "gate/cli/baseline_commands.h"
#include "gate/cli/baseline_source.h"
#include "gate/cli/doctor_probe.h"
#include "gate/cli/outputs.h"
#include "gate/cli/project.h"
#include "gate/cli/publish_commands.h"
#include "gate/config/make_plan.h"
#include "gate/gpu/clock_lock.h"
#include "gate/gpu/gpu_choice.h"
#include "gate/gpu/gpu_claim.h"
#include "gate/judge/judge.h"
#include "gate/measure/chip_metrics.h"
#include "gate/measure/confirmation.h"
#include "gate/measure/measure.h"
#include "gate/os/files.h"
#include "gate/os/process.h"
#include "gate/os/terminal.h"
#include "gate/post/poster.h"
#include "gate/report/make_report.h"
#include "gate/run/run_view.h"
#include "gate/run/validity.h"
#include "gate/util/error.h"
#include "gate/util/text.h"
#include "gate/util/version.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

bool in_ci() {
  const char* ci = std::getenv("CI");
  return ci && *ci;
}

/// The commit of the tree that `root` lies in, with "-dirty" when it was changed; what GitHub says
/// where there is no work tree; "" when nobody knows.
std::string commit_of(const fs::path& root) {
  try {
    const ChildResult git = run_child(
        {"git", "-C", root.string(), "describe", "--always", "--dirty", "--abbrev=40", "--match="},
        {}, 10);
    // A warning of git's may stand above the answer.
    std::string answer = last_line(git.log);
    if (!git.signal && git.exit_status == 0 &&
        answer.substr(0, answer.find('-')).find_first_not_of("0123456789abcdef") ==
            std::string::npos)
      return answer;
  } catch (const NoVerdict&) {
    // no git here
  }
  const char* sha = std::getenv("GITHUB_SHA");
  return sha ? sha : "";
}

}  // namespace

MeasureRequest make_request(const Options& options, const House& house, const Config& config,
                            const NvmlGpu& gpu, int processes) {
  MeasureRequest request;
  request.record.perfgate = perfgate_version;
  request.record.commit = commit_of(house.root());
  request.record.created = utc_now();
  request.record.command = options.command_line;
  request.record.gpu_id = gpu_id(config.gpus, gpu.name);
  request.record.clocks = options.lock_clocks ? ClockPolicy::lock : config.measure.clocks;
  request.record.clock_target.tolerance = config.measure.clock_tolerance;
  if (const GpuModel* model = find_gpu(config.gpus, request.record.gpu_id))
    request.clocks = {model->lock_sm_mhz, model->lock_mem_mhz};
  request.record.plan = make_plan(config, options.only);
  request.gpu = gpu;
  request.build.runner = runner_path(options.runner);
  request.timing_processes = options.processes.value_or(processes);
  request.timeout_s = config.measure.timeout_s;
  return request;
}

RunRecord measure_with_progress(MeasureRequest request, const Options& options,
                                const Measuring& measuring) {
  const GpuClaim claim(request.gpu.uuid);
  std::optional<ClockLock> lock;
  if (request.record.clocks == ClockPolicy::lock) {
    lock.emplace(request.gpu, request.clocks, claim);
    request.clocks = lock->clocks();
  } else if (request.record.clocks == ClockPolicy::observe && claim.found().clocks_locked()) {
    throw NoVerdict(
        fmt::format("a perfgate that was killed (process {}) left the clocks locked; `nvidia-smi "
                    "-rgc` and `-rmc` restore them, then remove {}",
                    claim.found().pid, claim_file(request.gpu.uuid).string()));
  }
  const auto hertz = [](const std::optional<int>& mhz) {
    return mhz ? std::optional(*mhz * 1e6) : std::nullopt;
  };
  request.record.clock_target.sm_hz = hertz(request.clocks.sm_mhz);
  request.record.clock_target.memory_hz = hertz(request.clocks.memory_mhz);
  ProgressLine progress(options.quiet);
  RunRecord run = measuring(request, [&](const std::string& what, int done, int total) {
    progress.show(what, done, total);
  });
  if (lock)
    if (const std::string problem = lock->release(); !problem.empty())
      print_stderr(fmt::format("perfgate: warning: {}\n", problem));
  return run;
}

namespace {

RunRecord load_run(const fs::path& file, const Options& options) {
  RunRecord run = read_record(read_file(file), file.string());
  if (options.gpu != "auto" && options.gpu != run.gpu_id)
    throw NoVerdict(fmt::format("--gpu {}: {} is a run of {} ({})", options.gpu, file.string(),
                                run.gpu_id, run.gpu ? run.gpu->name : "no measurement"));
  if (!keep_cases(run, options.only))
    throw UsageError(
        fmt::format("--only {}: matches no case of {}", join(options.only), file.string()));
  return run;
}

/// Said before anything is judged: an empty trace would look as if nothing had run.
void require_timelines(const RunRecord& run, const fs::path& file, const Options& options) {
  if (options.trace && timelines_of(run).empty())
    throw UsageError(
        fmt::format("--trace: {} has no timeline, an older perfgate recorded it; measure it again",
                    file.string()));
}

}  // namespace

Report judge_and_explain(const RunRecord& run, const Baseline& baseline, const Config& config) {
  return make_report(run, baseline, config.judge, find_gpu(config.gpus, run.gpu_id));
}

namespace {

/// The report, with what is to be said about the baseline itself.
Report judge_against(const RunRecord& run, const StoredBaseline& stored, const Config& config) {
  Report report = judge_and_explain(run, stored.baseline, config);
  report.notes.insert(report.notes.end(), stored.notes.begin(), stored.notes.end());
  return report;
}

}  // namespace

Config configured(const House& house, const Options& options) {
  Config config = load_config(house);
  if (options.backend) config.measure.backend = *options.backend;
  if (options.thorough) config.judge.screen_alpha = config.judge.thorough_screen_alpha;
  return config;
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

namespace {

Report replay(const fs::path& file, const Options& options, const House& house,
              const Config& config) {
  const RunRecord run = load_run(file, options);
  require_timelines(run, file, options);
  require_explained(case_ids(run.plan), options);
  const StoredBaseline stored = stored_baseline(options, house, board_of(run));
  Report report = judge_against(run, stored, config);
  report.origin = Origin::replay;
  return report;
}

std::optional<Build> base_build(const Options& options) {
  return options.base_runner ? std::optional<Build>({*options.base_runner, {}}) : std::nullopt;
}

Report checked(const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  const House house = find_house(options.config);
  const Config config = configured(house, options);
  if (options.replay) return replay(*options.replay, options, house, config);
  const GpuList list = usable_gpus();
  if (list.gpus.empty()) {
    if (options.backend)
      throw NoVerdict(fmt::format(
          "no GPU: {}; --backend is for measuring, what was recorded was computed as it was",
          list.why_none));
    // A gate that is green because it measured nothing is worse than none.
    if (in_ci())
      throw NoVerdict(fmt::format(
          "no GPU: {}; run on a GPU machine, or give --replay RUN.json on purpose", list.why_none));
    print_stderr(fmt::format("no GPU: {}\n", list.why_none));
    return replay(house.recordings() / config.replay, options, house, config);
  }
  const NvmlGpu gpu = choose_gpu(config, list.gpus, options.gpu);
  const std::string id = gpu_id(config.gpus, gpu.name);
  // Read before measuring: nobody waits half a minute to hear that there is no baseline.
  const StoredBaseline stored = stored_baseline(options, house, {id, gpu.uuid});
  const MeasureRequest request =
      make_request(options, house, config, gpu, config.measure.processes);
  require_explained(case_ids(request.record.plan), options);
  const RunRecord run = measure_with_progress(
      request, options, [&](const MeasureRequest& locked, const Progress& progress) {
        RunRecord measured = measure(locked, progress);
        if (timing_processes(measured) < 2 || invalid_run(measured)) return measured;
        confirm(
            measured, locked, {base_build(options)},
            [&](const RunRecord& so_far) {
              return cases_to_confirm(so_far, stored.baseline, config.judge);
            },
            progress);
        return measured;
      });
  keep_record(run, options);
  Report report = judge_against(run, stored, config);
  if (options.trace && report.timelines.empty())
    report.notes.emplace_back("no process of this run kept a timeline: the trace is empty");
  report.wall_s = seconds_since(begin);
  return report;
}

ExitCode check(const Options& options) {
  Posting posting(options);
  posting.open();
  try {
    const Report report = checked(options);
    const ExitCode verdict = deliver(report, options);
    posting.post(report);
    return posting.exit_code(verdict);
  } catch (const std::exception& error) {
    posting.abandon(error.what());  // a check run must not stay in progress for ever
    throw;
  }
}

}  // namespace

RunRecord obtain_run(const Options& options, const House& house, const Config& config,
                     int processes) {
  if (options.replay) return load_run(*options.replay, options);
  const GpuList list = usable_gpus();
  if (list.gpus.empty()) throw NoVerdict(fmt::format("no GPU: {}", list.why_none));
  const NvmlGpu gpu = choose_gpu(config, list.gpus, options.gpu);
  return measure_with_progress(make_request(options, house, config, gpu, processes), options);
}

namespace {

ExitCode run_only(const Options& options) {
  const House house = find_house(options.config);
  const Config config = configured(house, options);
  const RunRecord run = obtain_run(options, house, config, config.measure.processes);
  keep_record(run, options);
  if (const auto invalid = invalid_run(run)) throw NoVerdict(invalid->why);
  // A process that died and was repeated with success is in the record, and no reason to fail.
  const int wanted = options.processes.value_or(config.measure.processes);
  if (const auto dead = first_process_error(run);
      dead && (!options.replay && (timing_processes(run) < wanted || !has_counters(run))))
    throw NoVerdict(*dead);
  return ExitCode::pass;
}

/// What a saved run is compared with: a baseline, or another run where a file's name ends in .json.
StoredBaseline against(const Options& options, const House& house, const Board& board) {
  if (options.baseline_ref) return stored_baseline(options, house, board);
  const fs::path file =
      options.against ? fs::path(*options.against) : baseline_path(options, house, board);
  if (file.extension() == ".json") return {make_baseline(load_run(file, options)), {}};
  return {load_baseline(file, board.gpu_id), {}};
}

ExitCode compare_runs(const Options& options) {
  const House house = find_house(options.config);
  const Config config = configured(house, options);
  const RunRecord run = load_run(options.run_file, options);
  require_timelines(run, options.run_file, options);
  require_explained(case_ids(run.plan), options);
  const StoredBaseline stored = against(options, house, board_of(run));
  Report report = judge_against(run, stored, config);
  report.origin = Origin::saved;
  return deliver(report, options);
}

ExitCode list_plan(const Options& options) {
  const Plan plan = make_plan(configured(find_house(options.config), options), options.only);
  if (options.json) {
    // The plan as perfgate-runner takes it: a record in which nothing was measured yet.
    RunRecord request;
    request.perfgate = perfgate_version;
    request.created = utc_now();
    request.command = options.command_line;
    request.plan = plan;
    put(options.json, [&] { return write_record(request, RawSamples::leave_out); });
    return ExitCode::pass;
  }
  std::string text;
  for (const Case& one : plan.cases)
    text += fmt::format(
        "{:<44} {:>13}  {}\n", one.id,
        one.work.dram_bytes ? fmt::format("{:.3f} MB", *one.work.dram_bytes * 1e-6) : "unknown",
        one.title);
  print_stdout(text + fmt::format("{}\n", count_of(plan.cases.size(), "case")));
  return ExitCode::pass;
}

/// A metric set on a chip, from the runner.
ExitCode show_metrics(const Options& options) {
  Config config = load_config(find_house(options.config));
  if (options.metric_set) config.measure.metric_set = *options.metric_set;
  RunRecord request;
  request.perfgate = perfgate_version;
  request.created = utc_now();
  request.command = options.command_line;
  request.plan = make_plan(config, {});
  const std::string text = describe_metrics(request, options.chip, runner_path(options.runner),
                                            config.measure.timeout_s);
  print_stdout(fmt::format("set {} on {}", config.measure.metric_set, text));
  return ExitCode::pass;
}

}  // namespace

ExitCode run_command(const Options& options) {
  // Before anything is measured: nobody waits half a minute to lose the result.
  for (const auto& to :
       {options.json, options.markdown, options.junit, options.html, options.trace, options.output})
    if (to && *to != "-") require_writable(*to);
  switch (options.command) {
    case Command::check:
      return check(options);
    case Command::run:
      return run_only(options);
    case Command::compare:
      return compare_runs(options);
    case Command::ab:
      return compare_builds(options);
    case Command::qualify:
      return qualify_machine(options);
    case Command::baseline_refresh:
      return refresh_baseline(options);
    case Command::baseline_show:
      return show_baseline(options);
    case Command::baseline_diff:
      return diff_baseline_files(options);
    case Command::baseline_lint:
      return lint_baselines(options);
    case Command::list:
      return list_plan(options);
    case Command::doctor:
      return run_doctor(options);
    case Command::metrics:
      return show_metrics(options);
    case Command::publish:
      return publish_results(options);
    case Command::merge:
      return merge_files(options);
  }
  return ExitCode::usage;
}

}  // namespace perfgate
