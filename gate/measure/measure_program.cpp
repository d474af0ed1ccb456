// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/measure_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "gate/gpu/gpu_reader.h"
#include "gate/gpu/sampler.h"
#include "gate/os/descendants.h"
#include "gate/os/files.h"
#include "gate/os/process.h"
#include "gate/program/program_findings.h"
#include "gate/run/validity.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

constexpr std::chrono::milliseconds reading_interval{20};
constexpr int counter_repetitions = 3;
constexpr const char* cuda_variable = "CUDA_INJECTION64_PATH";
constexpr const char* nvtx_variable = "NVTX_INJECTION64_PATH";

struct Started {
  ProgramStart seen;
  Conditions conditions;
  double wall_s = 0;
};

/// The library can be loaded once: under nsys or ncu its place is taken.
void require_free_places() {
  for (const char* variable : {cuda_variable, nvtx_variable})
    if (const char* taken = std::getenv(variable); taken && *taken)
      throw UsageError(fmt::format("{} is already set, to {}: another tool measures here; unset it",
                                   variable, taken));
}

/// Whether every process that CUDA was used in has written what it saw, and at least one of them
/// runs on: how a program ends by itself is evidence, too.
bool all_written(const fs::path& folder) {
  std::set<std::string> written, open;
  bool runs_on = false;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const std::string pid = name.substr(0, name.find('.'));
    if (entry.path().extension() == ".json") written.insert(pid);
    if (entry.path().extension() == ".cuda") open.insert(pid);
    runs_on = runs_on || name == pid + ".json";
  }
  return runs_on && std::includes(written.begin(), written.end(), open.begin(), open.end());
}

void gather(const fs::path& folder, ProgramStart& start) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const std::string pid = file.stem().string(), kind = file.extension().string();
    if (kind == ".cuda") start.cuda.push_back(pid);
    if (kind == ".nvtx") start.nvtx.push_back(pid);
    if (kind == ".forked") start.forked.push_back(pid);
    if (kind != ".json") continue;
    try {
      start.processes.push_back(
          read_observation(read_file(file, longest_observation_bytes), file.filename().string()));
    } catch (const UsageError& error) {
      // The user wrote no such file, so it is no mistake of theirs.
      throw NoVerdict(
          fmt::format("the injection library wrote no usable record: {}", error.what()));
    }
  }
}

/// Processes that come and go with the program are its own: it may start as many as it likes.
void keep_others(Conditions& conditions, const GpuReading& before, const GpuReading& after) {
  if (!conditions.others) return;
  std::set<std::int64_t> there;
  for (const GpuReading* reading : {&before, &after})
    if (reading->processes)
      for (const GpuProcess& process : *reading->processes) there.insert(process.pid);
  std::erase_if(*conditions.others,
                [&](const GpuProcess& process) { return !there.contains(process.pid); });
}

Started start_program(const MeasureRequest& request, const ProgramTask& task, const GpuReader& gpu,
                      ProgramRequest asked) {
  const TemporaryDirectory place;
  const fs::path folder = place.path() / "processes", file = place.path() / "request.json";
  fs::create_directory(folder);
  asked.folder = folder.string();
  write_file(file, write_program_request(asked));
  const GpuReading before = gpu.read(ReadProcesses::yes);
  std::optional<Sampler> sampler;
  int program = 0;
  const auto run_program = [&] {
    const Descendants ended_with_it;
    return run_child(
        task.spec.command,
        {{"CUDA_VISIBLE_DEVICES", request.gpu.uuid},
         {cuda_variable, task.library.string()},
         {nvtx_variable, task.library.string()},
         {program_request_variable, file.string()}},
        request.timeout_s,
        [&](int pid) {
          program = pid;
          sampler.emplace(gpu, reading_interval);
        },
        ChildKind::user_command,
        [&] { return task.spec.until == Until::done && all_written(folder); },
        task.folder.string());
  };
  const ChildResult child = run_program();
  const std::vector<GpuReading> during = sampler->stop();
  const GpuReading after = gpu.read(ReadProcesses::yes);
  Started out;
  out.conditions = summarise(before, during, after, program);
  keep_others(out.conditions, before, after);
  out.wall_s = child.wall_s;
  out.seen.end = describe(child);
  out.seen.ended_by_gate = child.ended_early;
  out.seen.failed = !child.ended_early && (child.signal != 0 || child.exit_status != 0);
  out.seen.last_line = last_line(child.log);
  const fs::path error = file.string() + ".error";
  if (fs::exists(error)) out.seen.request_error = one_line(read_file(error, std::size_t{1} << 16));
  gather(folder, out.seen);
  return out;
}

ProgramRequest request_of(const ProgramTask& task, ProgramMode mode) {
  ProgramRequest asked;
  asked.mode = mode;
  asked.source = task.spec.source;
  asked.scope = task.spec.scope;
  asked.include = task.spec.ranges;
  asked.exclude = task.spec.exclude;
  asked.kernels = task.spec.kernels;
  asked.skip = task.spec.skip;
  asked.occurrences = task.spec.occurrences;
  asked.repetitions = mode == ProgramMode::time ? 0 : counter_repetitions;
  return asked;
}

void add_notes(std::vector<std::string>& notes, const std::vector<std::string>& more) {
  for (const std::string& note : more)
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
}

ProgramRun first_look(const MeasureRequest& request, const ProgramTask& task,
                      const GpuReader& gpu) {
  require_free_places();
  if (!fs::exists(task.library))
    throw NoVerdict(
        fmt::format("{} is not there: programs are measured by it; it is built with "
                    "perfgate-runner, where a CUDA toolkit is",
                    task.library.string()));
  const Started look = start_program(request, task, gpu, request_of(task, ProgramMode::time));
  if (const auto why = nothing_seen(task.spec, look.seen)) throw NoVerdict(*why);
  ProgramRun run{request.record, ranges_of(task.spec, look.seen.processes),
                 doubts(task.spec, look.seen)};
  std::vector<std::string> reasons;
  for (const ProgramRange& range : run.ranges)
    if (!range.doubt.empty()) reasons.push_back(range.doubt);
  if (std::none_of(run.ranges.begin(), run.ranges.end(),
                   [](const ProgramRange& range) { return range.alike > 0; }))
    throw NoVerdict(join(reasons, "; "));
  add_notes(run.notes, reasons);
  Plan& plan = run.record.plan;
  plan.sources = {program_source(task.spec)};
  plan.cases = cases_of(run.ranges, 0);
  plan.samples = task.spec.occurrences;
  return run;
}

ProcessRecord finish(ProcessRecord process, const Started& started) {
  process.wall_s = started.wall_s;
  process.conditions = started.conditions;
  return process;
}

ProcessRecord died(ProcessKind kind, const std::string& why) {
  ProcessRecord process;
  process.kind = kind;
  process.error = why;
  return process;
}

/// The ranges whose single kernels can be counted: plain launches that wait for nothing later.
ProgramMode way_of_counting(const std::vector<ProgramRange>& ranges) {
  const bool whole = std::any_of(ranges.begin(), ranges.end(), [](const ProgramRange& range) {
    return range.graph || range.overlaps;
  });
  return whole ? ProgramMode::count_ranges : ProgramMode::count_kernels;
}

void count(const MeasureRequest& request, const ProgramTask& task, const GpuReader& gpu,
           ProgramRun& run) {
  ProgramRequest asked = request_of(task, way_of_counting(run.ranges));
  asked.metrics = request.record.plan.metrics;
  Started started = start_program(request, task, gpu, asked);
  const auto nothing = nothing_seen(task.spec, started.seen);
  if (nothing && asked.mode == ProgramMode::count_kernels) {
    // A kernel that waits for a later one can't be counted by itself; the range as a whole can.
    add_notes(run.notes, {fmt::format("counting kernel by kernel: {}; the ranges were counted as "
                                      "wholes",
                                      *nothing)});
    asked.mode = ProgramMode::count_ranges;
    started = start_program(request, task, gpu, asked);
  }
  add_notes(run.notes, doubts(task.spec, started.seen));
  if (const auto why = nothing_seen(task.spec, started.seen))
    run.record.processes.push_back(finish(died(ProcessKind::counters, *why), started));
  else
    run.record.processes.push_back(
        finish(counters_process(task.spec, run.ranges, started.seen.processes), started));
}

/// A graph's own time must come from a trace of whole graphs: one of its nodes lengthens it. Only
/// the nodes tell in which range they were captured.
ProgramRequest timing_request(const ProgramTask& task, const std::vector<ProgramRange>& ranges) {
  ProgramRequest asked = request_of(task, ProgramMode::time);
  asked.whole_graphs = std::none_of(ranges.begin(), ranges.end(),
                                    [](const ProgramRange& range) { return range.captured; });
  return asked;
}

/// One timing process, dead when the start gave nothing.
ProcessRecord timed(const MeasureRequest& request, const ProgramTask& task, const GpuReader& gpu,
                    const std::vector<ProgramRange>& ranges, std::vector<std::string>& notes) {
  const Started started = start_program(request, task, gpu, timing_request(task, ranges));
  add_notes(notes, doubts(task.spec, started.seen));
  if (const auto why = nothing_seen(task.spec, started.seen))
    return finish(died(ProcessKind::timing, *why), started);
  return finish(timing_process(task.spec, ranges, started.seen.processes), started);
}

/// Leaves only the cases of `plan` in `process`.
void keep_planned(ProcessRecord& process, const Plan& plan) {
  const std::vector<std::string> ids = case_ids(plan);
  const auto unplanned = [&](const auto& entry) {
    return std::find(ids.begin(), ids.end(), entry.case_id) == ids.end();
  };
  std::erase_if(process.timings, unplanned);
  std::erase_if(process.kernels, unplanned);
  std::erase_if(process.failures, unplanned);
}

}  // namespace

ProgramRun look_at_program(const MeasureRequest& request, const ProgramTask& task) {
  return first_look(request, task, GpuReader(request.gpu.uuid));
}

ProgramRun measure_program(const MeasureRequest& request, const ProgramTask& task,
                           const Progress& progress) {
  const GpuReader gpu(request.gpu.uuid);
  // Where the whole process is one range, no occurrence repeats over which passes could be spread.
  const bool counters = task.counters && task.spec.source != RangeSource::all &&
                        task.spec.source != RangeSource::kernel;
  const int total = request.timing_processes + (counters ? 3 : 2);
  int done = 0;
  progress("first look", done++, total);
  ProgramRun run = first_look(request, task, gpu);
  // The runner tells what the GPU is and how fast it is: the program can't.
  progress("sentinels", done++, total);
  MeasureRequest sentinels = request;
  sentinels.record = run.record;
  measure_once(sentinels, ProcessKind::sentinels, Side::head, 0, run.record);
  if (counters) {
    progress("counters", done++, total);
    count(request, task, gpu, run);
  }
  for (int i = 0; i < request.timing_processes; ++i) {
    progress("timing", done++, total);
    run.record.processes.push_back(timed(request, task, gpu, run.ranges, run.notes));
  }
  complete_fingerprint(run.record, request.gpu);
  return run;
}

bool measure_program_once(const MeasureRequest& request, const ProgramTask& task,
                          const std::vector<ProgramRange>& ranges, int round, RunRecord& run) {
  const GpuReader gpu(request.gpu.uuid);
  for (int attempt = 0; attempt < 2; ++attempt) {
    std::vector<std::string> notes;
    ProcessRecord process = timed(request, task, gpu, ranges, notes);
    process.round = round;
    keep_planned(process, request.record.plan);
    run.processes.push_back(std::move(process));
    const ProcessRecord& last = run.processes.back();
    if (!last.error && !validate(last, run)) return true;
  }
  return false;
}

}  // namespace perfgate
