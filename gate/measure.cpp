#include "measure.h"

#include <fmt/format.h>

#include <optional>

#include "error.h"
#include "files.h"
#include "gpu_reader.h"
#include "process.h"
#include "sampler.h"
#include "validity.h"
#include "words.h"

namespace perfgate {

namespace {

ProcessRecord dead_process(ProcessKind kind, double wall_s, std::string error) {
  ProcessRecord process;
  process.kind = kind;
  process.wall_s = wall_s;
  process.error = std::move(error);
  return process;
}

/// Short against every process, long against what a reading takes (below a millisecond).
constexpr std::chrono::milliseconds reading_interval{20};

/// Starts the runner once and adds what it answered to `run`; false when it died or what it
/// measured is not valid.
bool run_once(const MeasureRequest& request, const GpuReader& gpu, ProcessKind kind,
              RunRecord& run) {
  const TemporaryDirectory folder;
  const auto in = folder.path() / "request.json", out = folder.path() / "record.json";
  write_file(in, write_record(request.record, RawSamples::leave_out));
  // The runner sees exactly the GPU that was chosen, so its device 0 is the right one.
  const GpuReading before = gpu.read(ReadProcesses::yes);
  std::optional<Sampler> sampler;
  int runner = 0;
  const ChildResult child =
      run_child({request.runner.string(), "measure", "--kind", std::string(process_kind_id(kind)),
                 "--request", in.string(), "--out", out.string()},
                {{"CUDA_VISIBLE_DEVICES", request.gpu.uuid}}, request.timeout_s, [&](int pid) {
                  runner = pid;
                  sampler.emplace(gpu, reading_interval);
                });
  const std::vector<GpuReading> during = sampler->stop();
  const Conditions conditions = summarise(before, during, gpu.read(ReadProcesses::yes), runner);
  const auto died = [&](const std::string& why) {
    run.processes.push_back(dead_process(kind, child.wall_s, why));
    run.processes.back().conditions = conditions;
    return false;
  };
  if (child.signal || child.exit_status != 0)
    return died(fmt::format("the runner {}: {}", describe(child), last_line(child.log)));
  try {
    RunRecord answer = read_record(read_file(out), "the runner's record");
    if (answer.processes.size() != 1 || answer.processes[0].kind != kind || !answer.gpu)
      return died("the runner's record does not hold the one process that was asked for");
    if (answer.gpu->uuid != request.gpu.uuid)
      return died(fmt::format("the runner measured {} ({}), but {} ({}) was chosen",
                              printable(answer.gpu->name), printable(answer.gpu->uuid),
                              request.gpu.name, request.gpu.uuid));
    answer.processes[0].wall_s = child.wall_s;
    answer.processes[0].conditions = conditions;
    append_processes(run, std::move(answer));
  } catch (const UsageError& error) {
    return died(fmt::format("the runner wrote no usable record: {}", error.what()));
  }
  return !validate(run.processes.back(), run);
}

}  // namespace

RunRecord measure(const MeasureRequest& request, const Progress& progress) {
  RunRecord run = request.record;
  const GpuReader gpu(request.gpu.uuid);
  const int total = request.timing_processes + 1;
  for (int i = 0; i < total; ++i) {
    // The counters go first: the first process on a GPU that was idle differed from all later ones
    // (one workload, 3 to 12 % in its short stages, H200), so it had better not be one that times.
    const ProcessKind kind = i == 0 ? ProcessKind::counters : ProcessKind::timing;
    progress(std::string(process_kind_id(kind)), i, total);
    if (run_once(request, gpu, kind, run) || run_once(request, gpu, kind, run)) continue;
    // Twice dead or invalid is no accident, and more of the same would only cost the user's time.
    // Durations are worth having without counters, not the other way round.
    if (kind == ProcessKind::timing) break;
  }
  if (run.gpu) {
    run.gpu->driver = request.gpu.driver;
    run.gpu->vbios = request.gpu.vbios;
    run.gpu->power_limit_w = request.gpu.power_limit_w;
    run.gpu->ecc = request.gpu.ecc;
    run.gpu->mig = request.gpu.mig;
    run.gpu->persistence = request.gpu.persistence;
    run.gpu->pcie_generation = request.gpu.pcie_generation;
    run.gpu->pcie_width = request.gpu.pcie_width;
  }
  return run;
}

}  // namespace perfgate
