// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/baseline_refresh_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "gate/baseline/baseline.h"
#include "gate/baseline/baseline_merge.h"
#include "gate/baseline/baseline_text.h"
#include "gate/baseline/tuning.h"
#include "gate/cli/baseline_source.h"
#include "gate/cli/options.h"
#include "gate/cli/outputs.h"
#include "gate/cli/program_options.h"
#include "gate/cli/session.h"
#include "gate/cli/tune_command.h"
#include "gate/config/make_plan.h"
#include "gate/decode/decode_source.h"
#include "gate/gpu/gpu_choice.h"
#include "gate/os/files.h"
#include "gate/os/terminal.h"
#include "gate/run/run_view.h"
#include "gate/run/validity.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

struct RefreshOptions {
  MeasuringOptions measuring;
  std::optional<int> processes, sessions;
  std::vector<std::string> replays;  ///< recorded runs, each of which is a session
  bool add = false;                  ///< the sessions join those of the file
  bool tune = false;                 ///< chooses the GEMM kernels anew, by measuring
  ProgramChoice program;
  BaselineOptions baseline;
  bool own_board = false;                ///< writes a file for this board only
  std::vector<std::string> accept, why;  ///< cases, and a text for each
};

/// Requires of a session every planned case with every metric that the chip has, or throws
/// NoVerdict naming what is missing.
void require_complete(const RunRecord& run) {
  const auto dead = first_process_error(run);
  const auto refuse = [&](const std::string& why) {
    throw NoVerdict(
        fmt::format("{}{}; the baseline was left as it is", why, dead ? " (" + *dead + ")" : ""));
  };
  if (!run.gpu) refuse("nothing was measured");
  if (const auto why = unfit_as_base(run)) refuse(*why);
  const auto& sources = run.plan.sources;
  if ((sources.empty() || std::any_of(sources.begin(), sources.end(), can_be_counted)) &&
      !has_counters(run))
    refuse("no counters: a baseline without them explains nothing later");
  const CaseViews views(run);
  for (const Case& entry : run.plan.cases) {
    const CaseView& view = views[entry.id];
    if (view.failure) refuse(entry.id + ": " + *view.failure);
    if (view.durations_s.size() < 2)
      refuse(fmt::format("{}: {} measured it, two are needed", entry.id,
                         count_of(view.durations_s.size(), "process")));
  }
}

/// Requires that the sessions together have as many processes of each case as a baseline needs.
void require_enough(const Baseline& baseline, const std::vector<RunRecord>& runs, int processes) {
  std::string dead;
  for (const RunRecord& run : runs)
    if (const auto error = first_process_error(run); error && dead.empty())
      dead = fmt::format(" ({})", *error);
  for (const BaselineCase& stored : baseline.cases)
    if (const auto there = static_cast<int>(stored.durations_s().size()); there < processes)
      throw NoVerdict(
          fmt::format("{}: {} of {} processes measured it{}; the baseline was left as it is",
                      stored.id, there, processes, dead));
}

/// Returns the file that a refresh of some cases, or one that accepts a change, starts from.
Baseline earlier(const RefreshOptions& options, const fs::path& file) {
  if (!fs::exists(file))
    throw UsageError(fmt::format(
        "{}: {} is not there; measure the whole suite first with `perfgate baseline refresh`",
        options.add                             ? "--add"
        : options.measuring.select.only.empty() ? "--accept " + options.accept.front()
                                                : "--only " + join(options.measuring.select.only),
        file.string()));
  return read_baseline(read_file(file), file.string());
}

std::vector<Acceptance> acceptances(const RefreshOptions& options) {
  std::vector<Acceptance> given;
  for (std::size_t i = 0; i < options.accept.size(); ++i)
    given.push_back({options.accept[i], options.why[i]});
  return given;
}

/// Throws when cases of `now` cannot be in one file with those of `before`.
void require_same_conditions(const Baseline& before, const Baseline& now, const fs::path& file) {
  auto why = other_conditions(before, now);
  if (!why) why = other_board(before, now);
  if (why)
    throw NoVerdict(
        fmt::format("{}: {}; its other cases would not be comparable: refresh without --only",
                    file.string(), *why));
}

[[noreturn]] void cannot_add(const fs::path& file, const std::string& why) {
  throw NoVerdict(fmt::format("{}: {}; refresh without --add to measure all sessions anew",
                              file.string(), why));
}

/// Returns the file of the baseline of `board`.
fs::path refreshed_file(const RefreshOptions& options, const Project& project, const Board& board) {
  if (options.own_board) return project.baselines() / board_file(board);
  return baseline_path(options.baseline, project, board);
}

/// Refuses what can be refused before anything is measured, to save minutes.
void refuse_early(const RefreshOptions& options, const Project& project, const Config& config) {
  const GpuList list = usable_gpus();
  if (!options.replays.empty() || list.gpus.empty())
    return;  // nothing is lost, and obtain_sessions() reports it
  const NvmlGpu gpu = choose_gpu(config, list.gpus, options.measuring.gpu.id);
  const fs::path file = refreshed_file(options, project, {gpu_id(config.gpus, gpu.name), gpu.uuid});
  const Baseline before = earlier(options, file);
  Baseline now = before;  // CUDA and cuBLAS are known only from a runner
  now.gpu.uuid = gpu.uuid;
  static_cast<DriverState&>(now.gpu) = gpu;
  now.clocks = options.measuring.lock_clocks ? ClockPolicy::lock : config.measure.clocks;
  Plan plan = make_plan(config, options.measuring.select.only);
  set_choices(plan, choices_of(before));
  now.settings = settings_of(plan);
  if (options.add) {
    if (const auto why = other_conditions(before, now)) cannot_add(file, *why);
    return;
  }
  if (!options.measuring.select.only.empty()) require_same_conditions(before, now, file);
  const std::vector<std::string> planned = case_ids(plan);
  std::erase_if(now.cases, [&](const BaselineCase& entry) {
    return std::find(planned.begin(), planned.end(), entry.id) == planned.end();
  });
  accept_changes(now, before, acceptances(options), "");
}

/// Prints what a full refresh changes. An unreadable file does not stop it: a refresh is its
/// remedy.
void print_changes(const fs::path& file, const Baseline& now) {
  if (!fs::exists(file)) {
    print_text(fmt::format("{}: new\n", file.string()));
    return;
  }
  try {
    print_lines(diff_baselines(read_baseline(read_file(file), file.string()), now));
  } catch (const UsageError& error) {
    print_text(fmt::format("replaced without a comparison: {}\n", one_line(error.what())));
  }
}

/// Returns the file with the cases of `now` in place of its own.
Baseline replace_part(const Baseline& before, const Baseline& now, const Config& config,
                      const fs::path& file) {
  require_same_conditions(before, now, file);
  Baseline was = before;
  std::erase_if(was.cases, [&](const BaselineCase& entry) { return !now.find(entry.id); });
  print_lines(diff_baselines(was, now));
  std::vector<std::string> order = case_ids(make_plan(config, {}));
  // A program's cases are not in the suite's plan.
  for (const BaselineCase& entry : now.cases)
    if (std::find(order.begin(), order.end(), entry.id) == order.end()) order.push_back(entry.id);
  return replace_cases(before, now, order);
}

/// Returns the choices of GEMM kernels that all sessions are measured with: new ones with --tune,
/// else those of the file. A file that cannot be read has none: a refresh is its remedy.
std::vector<GemmChoice> tuning_of(const RefreshOptions& options, const Project& project,
                                  const Config& config, const NvmlGpu& gpu) {
  const fs::path file = refreshed_file(options, project, {gpu_id(config.gpus, gpu.name), gpu.uuid});
  std::vector<GemmChoice> stored;
  try {
    if (fs::exists(file)) stored = choices_of(read_baseline(read_file(file), file.string()));
  } catch (const UsageError& error) {
    if (options.add || !options.measuring.select.only.empty()) throw;
    print_stderr(fmt::format("perfgate: note: no choice of GEMM kernels is taken over: {}\n",
                             one_line(error.what())));
  }
  if (!options.tune) return stored;
  return measure_tuning(make_request(options.measuring, project, config, gpu, 0, stored),
                        options.measuring);
}

/// Measures one session: an invocation of its own, with the GPU's counters first.
RunRecord measure_session(const RefreshOptions& options, const Project& project,
                          const Config& config, const std::optional<ProgramTask>& program,
                          const NvmlGpu& gpu, int processes,
                          const std::vector<GemmChoice>& tuning) {
  if (!program)
    return measure_with_progress(
        make_request(options.measuring, project, config, gpu, processes, tuning),
        options.measuring);
  return measure_with_progress(
      make_program_request(options.measuring, project, config, *program, gpu, processes),
      options.measuring, [&](const MeasureRequest& locked, const Progress& progress) {
        return measure_program(locked, *program, progress).record;
      });
}

/// Returns "baseline.2.json" for the second session of "baseline.json"; stdout takes the first one
/// alone.
RecordOptions record_of_session(const RecordOptions& record, int session) {
  RecordOptions numbered = record;
  if (session == 1 || !record.file) return numbered;
  if (*record.file == "-") {
    numbered.file.reset();
    return numbered;
  }
  const fs::path file = *record.file;
  fs::path other = file.stem();
  other += fmt::format(".{}", session);
  other += file.extension();
  numbered.file = (file.parent_path() / other).string();
  return numbered;
}

/// Refuses recorded runs that have a process in common: each session is an invocation of its own.
void refuse_repeated(const std::vector<RunRecord>& runs, const std::vector<std::string>& files) {
  for (std::size_t again = 1; again < runs.size(); ++again)
    for (std::size_t first = 0; first < again; ++first)
      for (const ProcessRecord& process : runs[again].processes)
        if (!process.timings.empty() &&  // counters alone may well be the same twice
            std::any_of(
                runs[first].processes.begin(), runs[first].processes.end(),
                [&](const ProcessRecord& earlier) { return same_process(earlier, process); }))
          throw UsageError(fmt::format(
              "--replay {}: a process of it is in {}, too: each session must be a run of its own",
              files[again], files[first]));
}

/// Returns one run for each session, measured or recorded; what was measured is kept at once.
std::vector<RunRecord> obtain_sessions(const RefreshOptions& options, const Project& project,
                                       const Config& config,
                                       const std::optional<ProgramTask>& program) {
  std::vector<RunRecord> runs;
  for (const std::string& file : options.replays)
    runs.push_back(load_run(file, options.measuring.gpu, options.measuring.select));
  if (!runs.empty()) {
    refuse_repeated(runs, options.replays);
    return runs;
  }
  const NvmlGpu gpu = required_gpu(config, options.measuring.gpu);
  const int sessions =
      options.sessions.value_or(options.add ? 1 : config.measure.baseline_sessions);
  const int wanted = options.processes.value_or(options.add ? sessions * config.measure.processes
                                                            : config.measure.baseline_processes);
  const int each = std::max(2, (wanted + sessions - 1) / sessions);
  std::vector<GemmChoice> tuning;
  if (!program) tuning = tuning_of(options, project, config, gpu);
  for (int session = 1; session <= sessions; ++session) {
    runs.push_back(measure_session(options, project, config, program, gpu, each, tuning));
    keep_record(runs.back(), record_of_session(options.measuring.record, session));
    require_complete(runs.back());
  }
  return runs;
}

/// Returns the runs as one baseline, each a session of it.
Baseline joined(const std::vector<RunRecord>& runs) {
  Baseline baseline = make_baseline(runs.front());
  for (std::size_t i = 1; i < runs.size(); ++i) {
    const Baseline next = make_baseline(runs[i]);
    if (const auto why = cannot_join(baseline, next))
      throw NoVerdict(fmt::format("session {} does not fit the first: {}", i + 1, *why));
    baseline = add_sessions(std::move(baseline), next);
  }
  return baseline;
}

/// Returns the file with the sessions of `now` behind its own.
Baseline added(const Baseline& before, const Baseline& now, const fs::path& file) {
  if (const auto why = cannot_join(before, now)) cannot_add(file, *why);
  print_lines(diff_baselines(before, now));
  return add_sessions(before, now);
}

ExitCode refresh(const RefreshOptions& options) {
  const Project project = find_project(options.measuring.project.config);
  const Config config = configured(project, options.measuring.policy);
  const int fewest = config.measure.baseline_processes;
  if (options.processes && *options.processes < fewest && !options.add)
    throw UsageError(
        fmt::format("--processes {}: a baseline needs at least {}", *options.processes, fewest));
  if (!options.baseline.file) require_project(project, "baseline refresh");
  std::optional<ProgramTask> program;
  if (options.replays.empty()) program = chosen_program(project, config, options.program);
  const bool some = !options.measuring.select.only.empty();
  if (!program && (some || options.add || !options.accept.empty()))
    refuse_early(options, project, config);
  const std::vector<RunRecord> runs = obtain_sessions(options, project, config, program);
  for (const RunRecord& run : runs) require_complete(run);
  const RunRecord& run = runs.front();
  const fs::path file = refreshed_file(options, project, board_of(run));
  // A program's cases join those of the suite; without a file they are its first.
  const bool part = some || ((program || options.program.given()) && fs::exists(file)),
             builds_upon = part || options.add || !options.accept.empty();
  Baseline baseline = joined(runs);
  const std::size_t measured = baseline.cases.size();
  std::optional<Baseline> before;
  if (builds_upon) before = earlier(options, file);
  if (options.add)
    baseline = added(*before, baseline, file);
  else if (part)
    baseline = replace_part(*before, baseline, config, file);
  else
    print_changes(file, baseline);
  require_enough(baseline, runs, fewest);
  if (before) accept_changes(baseline, *before, acceptances(options), run.created);
  std::error_code failed;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), failed);
  // Fails with a message if the folder could not be made.
  write_file(file, write_baseline(baseline));
  // Programs read the sentence, so it is never broken.
  print_stdout(part ? fmt::format("perfgate: {} of {} of the baseline of {} replaced in {}\n",
                                  measured, count_of(baseline.cases.size(), "case"), run.gpu_id,
                                  file.string())
                    : fmt::format("perfgate: baseline of {} with {} in {} written to {}\n",
                                  run.gpu_id, count_of(baseline.cases.size(), "case"),
                                  count_of(baseline.sessions.size(), "session"), file.string()));
  return ExitCode::pass;
}

void check_acceptances(const RefreshOptions& options) {
  if (options.accept.size() != options.why.size())
    throw UsageError(fmt::format("{} --accept, {} --why; each accepted case needs its why",
                                 options.accept.size(), options.why.size()));
  for (std::size_t i = 0; i < options.why.size(); ++i)
    if (options.why[i].find_first_not_of(" \t\n") == std::string::npos)
      throw UsageError(
          fmt::format("--accept {}: --why is empty: say why it is right", options.accept[i]));
}

}  // namespace

Action prepare_baseline_refresh(CommandParser& parser) {
  auto options = std::make_shared<RefreshOptions>();
  add_measuring(parser, options->measuring);
  add_runner(parser, options->measuring.runner);
  parser.option("--processes N", options->processes, 2, 1000,
                "fresh timing processes, all sessions together [from the config]");
  parser.option("--sessions N", options->sessions, 1, 100,
                "invocations that the processes are shared among [from the config]");
  parser.flag("--add", options->add,
              "add a session to the file: from another day, or another board of the pool");
  parser.flag("--tune", options->tune,
              "first choose the GEMM kernels by measuring (`perfgate tune`), and store them, too");
  parser.option("--replay RUN.json", options->replays,
                "use a recorded run as a session instead of a GPU; repeat for more");
  parser.check([&refresh = *options] {
    const bool replayed = !refresh.replays.empty();
    refuse_measuring_with_replay(replayed, refresh.measuring);
    refuse_with_replay(replayed, refresh.processes.has_value(), "--processes");
    refuse_with_replay(replayed, refresh.sessions.has_value(), "--sessions");
    refuse_with_replay(replayed, refresh.tune, "--tune");
    if (refresh.tune && (refresh.add || !refresh.measuring.select.only.empty() ||
                         refresh.program.given() || refresh.measuring.policy.backend))
      throw UsageError(
          "--tune changes what every case of the suite is measured with: leave --add, --only, "
          "--backend and programs out");
    if (refresh.add && (!refresh.measuring.select.only.empty() || !refresh.accept.empty()))
      throw UsageError(
          "--add measures what it adds to once more, as it was: leave --only and --accept out");
  });
  add_program_choice(parser, options->program);
  add_baseline_file(parser, options->baseline);
  parser.flag("--board", options->own_board, "into a file of this board's own, beside the others'");
  parser.check([&refresh = *options] {
    if (refresh.own_board && refresh.baseline.file)
      throw UsageError("--board names the file after the board, --baseline says which; give one");
  });
  parser.option("--accept CASE", options->accept,
                "record that the change of this case is meant; repeat for more");
  parser.option("--why TEXT", options->why, "why it is: one for each --accept, in their order");
  parser.check([&refresh = *options] { check_acceptances(refresh); });
  return [options] { return refresh(*options); };
}

}  // namespace perfgate
