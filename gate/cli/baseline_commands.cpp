#include "gate/cli/baseline_commands.h"
#include "gate/config/make_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/baseline/baseline.h"
#include "gate/baseline/baseline_lint.h"
#include "gate/baseline/baseline_merge.h"
#include "gate/baseline/baseline_text.h"
#include "gate/cli/baseline_source.h"
#include "gate/cli/commands.h"
#include "gate/cli/outputs.h"
#include "gate/cli/project.h"
#include "gate/gpu/gpu_choice.h"
#include "gate/judge/settings_differ.h"
#include "gate/os/files.h"
#include "gate/os/terminal.h"
#include "gate/run/run_view.h"
#include "gate/run/validity.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

/// Every planned case with every metric that the chip has, or NoVerdict naming what is not there.
void require_complete(const RunRecord& run, int processes) {
  const auto dead = first_process_error(run);
  const auto refuse = [&](const std::string& why) {
    throw NoVerdict(
        fmt::format("{}{}; the baseline was left as it is", why, dead ? " (" + *dead + ")" : ""));
  };
  if (!run.gpu) refuse("nothing was measured");
  if (const auto invalid = invalid_run(run)) refuse(invalid->why);
  if (!has_counters(run)) refuse("no counters: a baseline without them explains nothing later");
  const CaseViews views(run);
  for (const Case& one : run.plan.cases) {
    const CaseView& view = views[one.id];
    if (view.failed_check) refuse(one.id + ": its output is wrong");
    if (view.failure) refuse(one.id + ": " + *view.failure);
    if (view.kernels_changed)
      refuse(one.id + ": it ran other kernels in one process than in another");
    if (static_cast<int>(view.durations_s.size()) < processes)
      refuse(fmt::format("{}: {} of {} processes measured it", one.id, view.durations_s.size(),
                         processes));
  }
}

/// What a refresh of some cases, or one that accepts a change, builds upon.
Baseline earlier(const Options& options, const fs::path& file) {
  if (!fs::exists(file))
    throw UsageError(fmt::format(
        "{}: {} is not there; measure the whole suite first with `perfgate baseline refresh`",
        options.only.empty() ? "--accept " + options.accept.front()
                             : "--only " + join(options.only),
        file.string()));
  return read_baseline(read_file(file), file.string());
}

std::vector<Acceptance> acceptances(const Options& options) {
  std::vector<Acceptance> given;
  for (std::size_t i = 0; i < options.accept.size(); ++i)
    given.push_back({options.accept[i], options.why[i]});
  return given;
}

/// Throws when cases of `now` cannot stand in one file with those of `before`.
void require_same_conditions(const Baseline& before, const Baseline& now, const fs::path& file) {
  if (const auto why = other_conditions(before, now))
    throw NoVerdict(
        fmt::format("{}: {}; its other cases would not be comparable: refresh without --only",
                    file.string(), *why));
}

/// Where the baseline of `board` is kept.
fs::path refreshed_file(const Options& options, const House& house, const Board& board) {
  if (options.own_board) return house.root() / "baselines" / board_file(board);
  return baseline_path(options, house, board);
}

/// What can be refused before anything is measured: nobody waits minutes to hear it.
void refuse_early(const Options& options, const House& house, const Config& config) {
  const GpuList list = usable_gpus();
  if (options.replay || list.gpus.empty()) return;  // nothing is lost; whoever measures says so
  const NvmlGpu gpu = choose_gpu(config, list.gpus, options.gpu);
  const fs::path file = refreshed_file(options, house, {gpu_id(config.gpus, gpu.name), gpu.uuid});
  const Baseline before = earlier(options, file);
  Baseline now = before;  // CUDA and cuBLAS are known only from a runner
  now.gpu.uuid = gpu.uuid;
  now.gpu.driver = gpu.driver;
  now.clocks = options.lock_clocks ? ClockPolicy::lock : config.measure.clocks;
  const Plan plan = make_plan(config, options.only);
  now.settings = settings_of(plan);
  if (!options.only.empty()) require_same_conditions(before, now, file);
  const std::vector<std::string> planned = case_ids(plan);
  std::erase_if(now.cases, [&](const BaselineCase& one) {
    return std::find(planned.begin(), planned.end(), one.id) == planned.end();
  });
  accept_changes(now, before, acceptances(options), "");
}

void print_lines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) print_stdout(line + "\n");
}

/// Says what a full refresh changes. A file that can't be read is no obstacle: this is its remedy.
void print_changes(const fs::path& file, const Baseline& now) {
  if (!fs::exists(file)) {
    print_stdout(fmt::format("{}: new\n", file.string()));
    return;
  }
  try {
    print_lines(diff_baselines(read_baseline(read_file(file), file.string()), now));
  } catch (const UsageError& error) {
    print_stdout(fmt::format("replaced without a comparison: {}\n", one_line(error.what())));
  }
}

/// The file with the cases of `run` in place of its own.
Baseline replace_part(const Baseline& before, const RunRecord& run, const Config& config,
                      const fs::path& file) {
  const Baseline now = make_baseline(run);
  require_same_conditions(before, now, file);
  if (const auto differs = settings_differ(run, before))
    throw NoVerdict(fmt::format("{}: {}", file.string(), *differs));
  Baseline was = before;
  std::erase_if(was.cases, [&](const BaselineCase& one) { return !now.find(one.id); });
  print_lines(diff_baselines(was, now));
  return replace_cases(before, now, case_ids(make_plan(config, {})));
}

}  // namespace

ExitCode refresh_baseline(const Options& options) {
  const House house = find_house(options.config);
  const Config config = configured(house, options);
  const int fewest = config.measure.baseline_processes;
  if (options.processes && *options.processes < fewest)
    throw UsageError(
        fmt::format("--processes {}: a baseline needs at least {}", *options.processes, fewest));
  const bool part = !options.only.empty(), builds_upon = part || !options.accept.empty();
  if (builds_upon) refuse_early(options, house, config);
  const RunRecord run = obtain_run(options, house, config, fewest);
  keep_record(run, options);
  require_complete(run, fewest);
  const fs::path file = refreshed_file(options, house, board_of(run));
  Baseline baseline = make_baseline(run);
  const std::size_t measured = baseline.cases.size();
  std::optional<Baseline> before;
  if (builds_upon) before = earlier(options, file);
  if (part)
    baseline = replace_part(*before, run, config, file);
  else
    print_changes(file, baseline);
  if (before) accept_changes(baseline, *before, acceptances(options), run.created);
  std::error_code failed;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), failed);
  write_file(file, write_baseline(baseline));  // says so if the folder could not be made
  print_stdout(part ? fmt::format("perfgate: {} of {} of the baseline of {} replaced in {}\n",
                                  measured, count_of(baseline.cases.size(), "case"), run.gpu_id,
                                  file.string())
                    : fmt::format("perfgate: baseline of {} with {} written to {}\n", run.gpu_id,
                                  count_of(baseline.cases.size(), "case"), file.string()));
  return ExitCode::pass;
}

namespace {

/// The id of the GPU that is there; without one, of the only baseline.
std::string shown_gpu(const Options& options, const House& house) {
  if (options.gpu != "auto") return options.gpu;
  if (const GpuList list = usable_gpus(); !list.gpus.empty())
    return gpu_id(load_config(house).gpus, list.gpus.front().name);
  std::vector<std::string> ids;
  for (const fs::path& file : baseline_files(house)) ids.push_back(file.stem().string());
  if (ids.size() == 1) return ids.front();
  throw UsageError(fmt::format("which baseline? give --gpu ID or a file; there is: {}",
                               ids.empty() ? "none" : join(ids)));
}

}  // namespace

ExitCode show_baseline(const Options& options) {
  fs::path file;
  if (!options.files.empty()) file = options.files.front();
  if (options.baseline) file = *options.baseline;
  Baseline baseline;
  if (file.empty()) {
    const House house = find_house(options.config);
    const std::string gpu = shown_gpu(options, house);
    file = house.baseline(gpu);
    baseline = load_baseline(file, gpu);
  } else {
    baseline = read_baseline(read_file(file), file.string());
  }
  print_stdout(render_baseline(baseline, file.string()));
  return ExitCode::pass;
}

ExitCode diff_baseline_files(const Options& options) {
  const auto load = [](const std::string& file) { return read_baseline(read_file(file), file); };
  const Baseline before = load(options.files.at(0)), after = load(options.files.at(1));
  print_lines(diff_conditions(before, after));
  print_lines(diff_baselines(before, after));
  return ExitCode::pass;
}

ExitCode lint_baselines(const Options& options) {
  const House house = find_house(options.config);
  const Config config = load_config(house);
  std::vector<std::string> files = options.files;
  if (files.empty())
    for (const fs::path& file : baseline_files(house)) files.push_back(file.string());
  // A check that is green because it looked at nothing is worse than none.
  if (files.empty())
    throw UsageError(fmt::format("no baseline in {}; measure one with `perfgate baseline refresh`",
                                 (house.root() / "baselines").string()));
  std::size_t findings = 0;
  for (const std::string& file : files) {
    const std::vector<std::string> lines = lint_baseline(read_file(file), file, config);
    print_lines(lines);
    findings += lines.size();
  }
  print_stdout(fmt::format("perfgate: {} in {}\n", count_of(findings, "finding"),
                           count_of(files.size(), "baseline")));
  return findings == 0 ? ExitCode::pass : ExitCode::usage;
}

}  // namespace perfgate
