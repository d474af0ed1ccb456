// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/measure_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gate/gpu/gpu_reader.h"
#include "gate/measure/injected_start.h"
#include "gate/measure/measure_benchmark.h"
#include "gate/program/program_findings.h"
#include "gate/run/run_view.h"
#include "gate/run/validity.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

constexpr int counter_repetitions = 3;

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
  if (task.spec.tool) {
    ProgramRun run{request.record, {}, {}, {}};
    run.record.plan = look_at_benchmark(request, task, gpu, run.notes);
    return run;
  }
  require_free_places();
  if (!fs::exists(task.library))
    throw NoVerdict(
        fmt::format("{} is not there: programs are measured by it; it is built with "
                    "perfgate-runner, where a CUDA toolkit is",
                    task.library.string()));
  const InjectedStart look =
      start_injected(request, task, gpu, request_of(task, ProgramMode::time));
  if (const auto why = nothing_seen(task.spec, look.seen)) throw NoVerdict(*why);
  ProgramRun run{
      request.record, ranges_of(task.spec, look.seen.processes), {}, doubts(task.spec, look.seen)};
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

ProcessRecord finish(ProcessRecord process, const InjectedStart& started) {
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

/// Whether a start failed for a reason that another way of counting has, too.
bool refused(const ProgramStart& start) {
  return std::any_of(start.processes.begin(), start.processes.end(),
                     [](const Observation& process) { return process.refused; });
}

/// One counters process, dead when the start gave nothing: durations are judged without it.
ProcessRecord counted(const MeasureRequest& request, const ProgramTask& task, const GpuReader& gpu,
                      const std::vector<ProgramRange>& ranges, std::vector<std::string>& notes) {
  if (std::all_of(ranges.begin(), ranges.end(),
                  [](const ProgramRange& range) { return range.captured; }))
    return counters_process(task.spec, ranges, {});  // no start could count them
  ProgramRequest asked = request_of(task, way_of_counting(ranges));
  asked.metrics = request.record.plan.metrics;
  InjectedStart started = start_injected(request, task, gpu, asked);
  std::optional<std::string> why = nothing_seen(task.spec, started.seen);
  if (why && asked.mode == ProgramMode::count_kernels && !refused(started.seen)) {
    // A kernel that waits for a later one can't be counted by itself; the range as a whole can.
    const std::string first = std::move(*why);
    asked.mode = ProgramMode::count_ranges;
    started = start_injected(request, task, gpu, asked);
    why = nothing_seen(task.spec, started.seen);
    if (!why)
      add_notes(notes, {fmt::format("counting kernel by kernel: {}; the ranges were counted as "
                                    "wholes",
                                    first)});
  }
  if (why) return finish(died(ProcessKind::counters, *why), started);
  add_notes(notes, doubts(task.spec, started.seen));
  return finish(counters_process(task.spec, ranges, started.seen.processes), started);
}

/// A graph's own time must come from a trace of whole graphs: one of its nodes lengthens it. Only
/// the nodes tell in which range they were captured.
ProgramRequest timing_request(const ProgramTask& task, const std::vector<ProgramRange>& ranges) {
  ProgramRequest asked = request_of(task, ProgramMode::time);
  asked.whole_graphs = std::none_of(ranges.begin(), ranges.end(),
                                    [](const ProgramRange& range) { return range.captured; });
  return asked;
}

/// Returns the task of one side, as if there were no other.
ProgramTask for_side(const ProgramTask& task, Side side) {
  ProgramTask one = task;
  one.base.reset();
  if (side == Side::head) return one;
  one.spec.command = task.base->command;
  one.folder = task.base->folder;
  return one;
}

const std::vector<ProgramRange>& ranges_of_side(const ProgramRun& run, Side side) {
  return side == Side::base ? run.base_ranges : run.ranges;
}

/// One timing process of one side, dead when the start gave nothing.
ProcessRecord timed(const MeasureRequest& request, const ProgramTask& task, const GpuReader& gpu,
                    const ProgramRun& seen, Side side, std::vector<std::string>& notes) {
  const ProgramTask own = for_side(task, side);
  if (own.spec.tool)
    return time_benchmark(request, own, gpu,
                          side == Side::base ? seen.base_plan : seen.record.plan);
  const std::vector<ProgramRange>& ranges = ranges_of_side(seen, side);
  const InjectedStart started = start_injected(request, own, gpu, timing_request(own, ranges));
  if (const auto why = nothing_seen(own.spec, started.seen))
    return finish(died(ProcessKind::timing, *why), started);
  add_notes(notes, doubts(own.spec, started.seen));
  return finish(timing_process(own.spec, ranges, started.seen.processes), started);
}

/// Adds what to tell of one side's program.
void add_notes_of(std::vector<std::string>& notes, Side side,
                  const std::vector<std::string>& found) {
  for (const std::string& note : found)
    add_notes(notes, {side == Side::base ? "the base build: " + note : note});
}

/// Of a benchmark, a mean of one build is not compared with a median of the other.
void require_same_statistics(const Plan& base, const Plan& head) {
  const auto& known = head.sources.front().settings;
  for (const auto& [name, value] : base.sources.front().settings)
    if (const auto other = known.find(name); other != known.end() && other->second != value)
      throw NoVerdict(fmt::format("{}: {} there, {} in the head build: not comparable", name, value,
                                  other->second));
}

/// Looks at the base build, whose ranges may launch other kernels than the head's.
void look_at_base(const MeasureRequest& request, const ProgramTask& task, const GpuReader& gpu,
                  ProgramRun& run) {
  try {
    ProgramRun base = first_look(request, for_side(task, Side::base), gpu);
    require_same_statistics(base.record.plan, run.record.plan);
    run.base_ranges = std::move(base.ranges);
    run.base_plan = std::move(base.record.plan);
    add_notes_of(run.notes, Side::base, base.notes);
  } catch (const NoVerdict& error) {
    throw NoVerdict(fmt::format("the base build: {}", error.what()));
  }
}

/// Leaves only the cases of `plan` in `process`.
void keep_planned(ProcessRecord& process, const Plan& plan) {
  const std::vector<std::string> ids = case_ids(plan);
  const auto unplanned = [&](const auto& entry) {
    return std::find(ids.begin(), ids.end(), entry.case_id) == ids.end();
  };
  std::erase_if(process.timings, unplanned);
  std::erase_if(process.metrics, unplanned);
  std::erase_if(process.kernels, unplanned);
  std::erase_if(process.failures, unplanned);
}

}  // namespace

ProgramRun look_at_program(const MeasureRequest& request, const ProgramTask& task) {
  return first_look(request, task, GpuReader(request.gpu.uuid));
}

bool counts_program(const ProgramTask& task) {
  return task.counters && !task.spec.tool && task.spec.source != RangeSource::all &&
         task.spec.source != RangeSource::kernel;
}

void count_program_once(const MeasureRequest& request, const ProgramTask& task, Side side,
                        int round, ProgramRun& run) {
  std::vector<std::string> notes;
  ProcessRecord process = counted(request, for_side(task, side), GpuReader(request.gpu.uuid),
                                  ranges_of_side(run, side), notes);
  add_notes_of(run.notes, side, notes);
  process.side = side;
  process.round = round;
  keep_planned(process, request.record.plan);
  run.record.processes.push_back(std::move(process));
}

ProgramRun measure_program(const MeasureRequest& request, const ProgramTask& task,
                           const Progress& progress) {
  const GpuReader gpu(request.gpu.uuid);
  const bool counters = counts_program(task);
  const int total = request.timing_processes + (counters ? 3 : 2) + (task.base ? 1 : 0);
  int done = 0;
  progress("first look", done++, total);
  ProgramRun run = first_look(request, task, gpu);
  if (task.base) {
    progress("first look at the base build", done++, total);
    look_at_base(request, task, gpu, run);
    run.record.order_seed = request.order_seed;
  }
  // The runner tells what the GPU is and how fast it is: the program can't.
  progress("sentinels", done++, total);
  MeasureRequest sentinels = request;
  sentinels.record = run.record;
  measure_once(sentinels, ProcessKind::sentinels, Side::head, 0, run.record);
  MeasureRequest planned = request;
  planned.record.plan = run.record.plan;
  if (counters) {
    progress("counters", done++, total);
    count_program_once(planned, task, Side::head, 0, run);
  }
  for (int i = 1; i <= request.timing_processes; ++i) {
    progress("timing", done++, total);
    for (const Side side : order_of_round(i, request)) {
      std::vector<std::string> notes;
      ProcessRecord process = timed(request, task, gpu, run, side, notes);
      add_notes_of(run.notes, side, notes);
      process.side = side;
      // The first look alone traced the nodes of graphs. Its timelines go into one process.
      if (side == Side::head && timelines_of(run.record).empty())
        for (const ProgramRange& range : run.ranges)
          if (!range.timeline.kernels.empty()) process.timelines.push_back(range.timeline);
      keep_planned(process, run.record.plan);
      run.record.processes.push_back(std::move(process));
    }
  }
  complete_fingerprint(run.record, request.gpu);
  return run;
}

bool measure_program_once(const MeasureRequest& request, const ProgramTask& task,
                          const ProgramRun& seen, Side side, int round, RunRecord& run) {
  const GpuReader gpu(request.gpu.uuid);
  for (int attempt = 0; attempt < 2; ++attempt) {
    std::vector<std::string> notes;
    ProcessRecord process = timed(request, task, gpu, seen, side, notes);
    process.side = side;
    process.round = round;
    keep_planned(process, request.record.plan);
    run.processes.push_back(std::move(process));
    const ProcessRecord& last = run.processes.back();
    if (!last.error && !validate(last, run)) return true;
  }
  return false;
}

}  // namespace perfgate
