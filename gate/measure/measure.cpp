// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/measure.h"

#include <fmt/format.h>

#include <optional>
#include <random>

#include "gate/gpu/gpu_reader.h"
#include "gate/gpu/sampler.h"
#include "gate/measure/runner_refusal.h"
#include "gate/os/descendants.h"
#include "gate/os/files.h"
#include "gate/os/process.h"
#include "gate/run/run_view.h"
#include "gate/run/validity.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

ProcessRecord dead_process(ProcessKind kind, double wall_s, std::string error) {
  ProcessRecord process;
  process.kind = kind;
  process.wall_s = wall_s;
  process.error = std::move(error);
  return process;
}

/// This is short compared with every process, and long compared with a reading (below a
/// millisecond).
constexpr std::chrono::milliseconds reading_interval{20};

/// Starts the runner once and adds its answer to `run`. Returns false when it died or its
/// measurement is not valid.
bool run_once(const MeasureRequest& request, const GpuReader& gpu, ProcessKind kind, Side side,
              int round, RunRecord& run) {
  const TemporaryDirectory folder;
  const auto in = folder.path() / "request.json", out = folder.path() / "record.json";
  write_file(in, write_record(request.record, RawSamples::leave_out));
  // The runner sees exactly the GPU that was chosen, so its device 0 is the right one.
  const GpuReading before = gpu.read(ReadProcesses::yes);
  std::optional<Sampler> sampler;
  int runner = 0;
  std::vector<std::string> command{request.build.runner.string(),
                                   "measure",
                                   "--kind",
                                   std::string(process_kind_id(kind)),
                                   "--request",
                                   in.string(),
                                   "--out",
                                   out.string()};
  command.insert(command.end(), request.build.arguments.begin(), request.build.arguments.end());
  if (kind == ProcessKind::timing && all_checked(run, request.record.plan, side))
    command.emplace_back("--checked");
  // Timelines from one process of a run are enough, and the others need not spend the time.
  if (kind == ProcessKind::timing && side == Side::head && timelines_of(run).empty())
    command.emplace_back("--timeline");
  const auto run_runner = [&] {
    const Descendants ended_with_it;
    return run_child(command, {{"CUDA_VISIBLE_DEVICES", request.gpu.uuid}}, request.timeout_s,
                     [&](int pid) {
                       runner = pid;
                       sampler.emplace(gpu, reading_interval);
                     });
  };
  const ChildResult child = run_runner();
  const std::vector<GpuReading> during = sampler->stop();
  const Conditions conditions = summarise(before, during, gpu.read(ReadProcesses::yes), runner);
  const auto died = [&](const std::string& why) {
    run.processes.push_back(dead_process(kind, child.wall_s, why));
    ProcessRecord& dead = run.processes.back();
    dead.conditions = conditions;
    dead.side = side;
    dead.round = round;
    return false;
  };
  pass_on_refusal(child, side == Side::base ? "the base build: " : "");
  if (child.signal || child.exit_status != 0)
    return died(fmt::format("the runner {}: {}", describe(child), last_line(child.log)));
  try {
    RunRecord answer =
        read_record(read_foreign_file(out, longest_file_bytes), "the runner's record");
    if (answer.processes.size() != 1 || answer.processes[0].kind != kind || !answer.gpu)
      return died("the runner's record does not hold the one process that was asked for");
    if (answer.gpu->uuid != request.gpu.uuid)
      return died(fmt::format("the runner measured {} ({}), but {} ({}) was chosen",
                              printable(answer.gpu->name), printable(answer.gpu->uuid),
                              request.gpu.name, request.gpu.uuid));
    ProcessRecord& process = answer.processes[0];
    process.wall_s = child.wall_s;
    process.conditions = conditions;
    process.side = side;
    process.round = round;
    append_processes(run, std::move(answer), request.record.plan);
  } catch (const UsageError& error) {
    constexpr std::size_t longest = 1000;  // it may quote what the runner wrote
    return died(fmt::format("the runner wrote no usable record: {}",
                            clipped(printable(error.what()), longest)));
  }
  return !validate(run.processes.back(), run);
}

/// Repeats the process once when it died or is not valid.
bool run_twice(const MeasureRequest& request, const GpuReader& gpu, ProcessKind kind, Side side,
               int round, RunRecord& run) {
  return run_once(request, gpu, kind, side, round, run) ||
         run_once(request, gpu, kind, side, round, run);
}

}  // namespace

bool measure_once(const MeasureRequest& request, ProcessKind kind, Side side, int round,
                  RunRecord& run) {
  return run_twice(request, GpuReader(request.gpu.uuid), kind, side, round, run);
}

void complete_fingerprint(RunRecord& run, const NvmlGpu& gpu) {
  if (run.gpu) static_cast<DriverState&>(*run.gpu) = gpu;
}

std::vector<Side> order_of_round(int round, const MeasureRequest& request) {
  if (!request.base) return {Side::head};
  const auto block = static_cast<std::uint64_t>((round - 1) / 2);
  const bool head_first =
      (std::mt19937_64(request.order_seed + block)() % 2 == 0) == (round % 2 == 1);
  return head_first ? std::vector{Side::head, Side::base} : std::vector{Side::base, Side::head};
}

MeasureRequest for_side(const MeasureRequest& request, Side side) {
  MeasureRequest one = request;
  if (side == Side::base) one.build = *request.base;
  return one;
}

RunRecord measure(const MeasureRequest& request, const Progress& progress) {
  RunRecord run = request.record;
  const GpuReader gpu(request.gpu.uuid);
  if (request.base) run.order_seed = request.order_seed;
  const int total = request.timing_processes + 1;
  // The counters go first: the first process on a GPU that was idle differed from all later ones
  // (one workload, 3 to 12 % in its short stages, H200), so it should not be one that times.
  // Durations are worth having without counters, but not the other way round.
  progress(std::string(process_kind_id(ProcessKind::counters)), 0, total);
  run_twice(request, gpu, ProcessKind::counters, Side::head, 0, run);
  // A process that died or was invalid twice is no accident, and more processes would only cost the
  // user's time.
  bool goes_on = true;
  for (int i = 1; i < total && goes_on; ++i) {
    progress(std::string(process_kind_id(ProcessKind::timing)), i, total);
    for (const Side side : order_of_round(i, request))
      goes_on =
          goes_on && run_twice(for_side(request, side), gpu, ProcessKind::timing, side, 0, run);
  }
  complete_fingerprint(run, request.gpu);
  return run;
}

}  // namespace perfgate
