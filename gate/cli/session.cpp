// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/session.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <list>
#include <optional>
#include <random>
#include <utility>

#include "gate/cli/git_files.h"
#include "gate/config/make_plan.h"
#include "gate/decode/decode_source.h"
#include "gate/gpu/clock_lock.h"
#include "gate/gpu/gpu_claim.h"
#include "gate/os/files.h"
#include "gate/os/process.h"
#include "gate/os/terminal.h"
#include "gate/post/poster.h"
#include "gate/report/make_report.h"
#include "gate/report/result_reader.h"
#include "gate/run/run_view.h"
#include "gate/util/error.h"
#include "gate/util/text.h"
#include "gate/util/version.h"

namespace fs = std::filesystem;

namespace perfgate {

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::uint64_t drawn_seed() {
  std::random_device entropy;
  return entropy();
}

std::string commit_of(const fs::path& root) {
  try {
    const ChildResult git = run_child(
        {"git", "-C", root.string(), "describe", "--always", "--dirty", "--abbrev=40", "--match="},
        {}, 10);
    // A warning from git may precede the answer.
    std::string answer = last_line(git.log);
    if (const std::string said = git_error(git.log);
        said.find("dubious ownership") != std::string::npos)
      print_stderr(
          fmt::format("perfgate: warning: git: {}; the record names no commit of this work "
                      "tree\n",
                      said));
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

std::string head_of_event(const std::string& commit) {
  try {
    const Target target = target_here();
    const bool merge = !target.merge_sha.empty() && commit.starts_with(target.merge_sha);
    return merge ? target.sha : "";
  } catch (const UsageError&) {
    return "";  // this is no step of a workflow, or its event is not readable
  }
}

Config configured(const Project& project, const PolicyOptions& policy) {
  Config config = load_config(project);
  apply_options(config, policy);
  return config;
}

void apply_options(Config& config, const PolicyOptions& policy) {
  if (policy.backend) config.measure.backend = *policy.backend;
  if (policy.thorough) config.judge.screen_alpha = config.judge.thorough_screen_alpha;
}

NvmlGpu required_gpu(const Config& config, const GpuOptions& gpu) {
  const GpuList list = usable_gpus();
  if (list.gpus.empty()) throw NoVerdict(fmt::format("no GPU: {}", list.why_none));
  return choose_gpu(config, list.gpus, gpu.id);
}

RunRecord empty_record(const std::string& command_line, Plan plan) {
  RunRecord record;
  record.perfgate = perfgate_version;
  record.created = utc_now();
  record.command = command_line;
  record.plan = std::move(plan);
  return record;
}

MeasureRequest request_on(const MeasuringOptions& options, const Project& project,
                          const Config& config, const NvmlGpu& gpu, int processes) {
  MeasureRequest request;
  request.record = empty_record(options.command_line, {});
  request.record.commit = commit_of(project.git_folder());
  request.record.gpu_id = gpu_id(config.gpus, gpu.name);
  request.record.clocks = options.lock_clocks ? ClockPolicy::lock : config.measure.clocks;
  request.record.clock_target.tolerance = config.measure.clock_tolerance;
  if (const GpuModel* model = find_gpu(config.gpus, request.record.gpu_id))
    request.clocks = {model->lock_sm_mhz, model->lock_mem_mhz};
  request.gpu = gpu;
  request.build.runner = runner_path(options.runner);
  request.timing_processes = processes;
  request.timeout_s = config.measure.timeout_s;
  return request;
}

MeasureRequest make_program_request(const MeasuringOptions& options, const Project& project,
                                    const Config& config, const ProgramTask& task,
                                    const NvmlGpu& gpu, int processes) {
  MeasureRequest request = request_on(options, project, config, gpu, processes);
  request.record.plan = program_plan(config);
  const auto more = static_cast<std::size_t>(task.spec.gpus - 1);
  if (more == 0) return request;
  // Ranks on unequal boards would wait for the slowest.
  for (const NvmlGpu& other : usable_gpus().gpus)
    if (other.uuid != gpu.uuid && other.name == gpu.name && request.more_gpus.size() < more)
      request.more_gpus.push_back(other.uuid);
  if (request.more_gpus.size() < more)
    throw NoVerdict(fmt::format("the program wants {} of the model {}, and {} usable here",
                                count_of(more + 1, "GPU"), gpu.name,
                                request.more_gpus.empty()
                                    ? std::string("one is")
                                    : fmt::format("{} are", request.more_gpus.size() + 1)));
  return request;
}

MeasureRequest make_request(const MeasuringOptions& options, const Project& project,
                            const Config& config, const NvmlGpu& gpu, int processes,
                            const std::vector<GemmChoice>& tuning) {
  MeasureRequest request = request_on(options, project, config, gpu, processes);
  request.record.plan = make_plan(config, options.select.only);
  set_choices(request.record.plan, tuning);
  return request;
}

RunRecord measure_with_progress(MeasureRequest request, const MeasuringOptions& options,
                                const Measuring& measuring) {
  const GpuClaim claim(request.gpu.uuid);
  std::list<GpuClaim> more_claims;
  for (const std::string& uuid : request.more_gpus) more_claims.emplace_back(uuid);
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
  // The runner is not told: a base build may be older, and to it the plan is all that is planned.
  run.only = options.select.only;
  if (lock)
    if (const std::string problem = lock->release(); !problem.empty())
      print_stderr(fmt::format("perfgate: warning: {}\n", problem));
  return run;
}

RunRecord load_run(const fs::path& file, const GpuOptions& gpu, const SelectOptions& select) {
  std::string note;
  RunRecord run = read_record(read_file(file), file.string(), perfgate_version, note);
  if (!note.empty()) print_stderr(fmt::format("perfgate: note: {}\n", note));
  if (gpu.id != "auto" && gpu.id != run.gpu_id)
    throw NoVerdict(fmt::format("--gpu {}: {} is a run of {} ({})", gpu.id, file.string(),
                                run.gpu_id, run.gpu ? run.gpu->name : "no measurement"));
  const std::vector<std::string> ids = case_ids(run.plan);
  if (const std::string* astray = first_without_match(select.only, ids))
    throw UsageError(fmt::format("--only {}: matches no case of {}{}", *astray, file.string(),
                                 did_you_mean(*astray, ids)));
  keep_cases(run, select.only);
  return run;
}

RunRecord obtain_run(const MeasuringOptions& options, const RunSource& source,
                     const Project& project, const Config& config, int processes) {
  if (source.replay) return load_run(*source.replay, options.gpu, options.select);
  const NvmlGpu gpu = required_gpu(config, options.gpu);
  return measure_with_progress(
      make_request(options, project, config, gpu, source.processes.value_or(processes),
                   stored_tuning(project, {gpu_id(config.gpus, gpu.name), gpu.uuid})),
      options);
}

RunRecord obtain_program(const MeasuringOptions& options, const RunSource& source,
                         const Project& project, const Config& config, const ProgramTask& task,
                         int processes) {
  const NvmlGpu gpu = required_gpu(config, options.gpu);
  return measure_with_progress(make_program_request(options, project, config, task, gpu,
                                                    source.processes.value_or(processes)),
                               options,
                               [&](const MeasureRequest& locked, const Progress& progress) {
                                 return measure_program(locked, task, progress).record;
                               });
}

void require_timelines(const RunRecord& run, const fs::path& file, const ReportOptions& reports) {
  if (!timelines_of(run).empty()) return;
  for (const ReportFile& report : reports.files)
    if (report.to && report.format->needs == FormatNeeds::timeline)
      throw UsageError(
          fmt::format("--{}: {} has no timeline, an older perfgate recorded it; measure it again",
                      report.format->id, file.string()));
}

Report judge_and_explain(const RunRecord& run, const Baseline& baseline, const Config& config) {
  return make_report(run, baseline, config.judge, find_gpu(config.gpus, run.gpu_id));
}

Report judge_against(const RunRecord& run, const StoredBaseline& stored, const Config& config,
                     const std::vector<std::string>& notes) {
  Report report = judge_and_explain(run, stored.baseline, config);
  for (const auto* more : {&stored.notes, &notes})
    report.notes.insert(report.notes.end(), more->begin(), more->end());
  note_uncommitted(report);
  return report;
}

Report load_results(const std::vector<std::string>& files) {
  std::vector<Report> results;
  for (const std::string& file : files) {
    results.push_back(read_result(read_foreign_file(file, longest_result_bytes), file));
    note_uncommitted(results.back());  // older results lack the note
  }
  return merge_results(results);
}

}  // namespace perfgate
