#include "measure.h"

#include <fmt/format.h>

#include "error.h"
#include "files.h"
#include "process.h"
#include "words.h"

namespace perfgate {

namespace {

/// The last line of a log that says something: where a program that dies says why.
std::string last_line(std::string_view log) {
  const std::size_t end = log.find_last_not_of(" \n");
  if (end == std::string_view::npos) return "it printed nothing";
  log = log.substr(0, end + 1);
  const std::size_t newline = log.rfind('\n');
  return printable(newline == std::string_view::npos ? log : log.substr(newline + 1));
}

ProcessRecord dead_process(ProcessKind kind, double wall_s, std::string error) {
  ProcessRecord process;
  process.kind = kind;
  process.wall_s = wall_s;
  process.error = std::move(error);
  return process;
}

/// Starts the runner once and adds what it answered to `run`; false when it died.
bool run_once(const MeasureRequest& request, ProcessKind kind, RunRecord& run) {
  const TemporaryDirectory folder;
  const auto in = folder.path() / "request.json", out = folder.path() / "record.json";
  write_file(in, write_record(request.record, RawSamples::leave_out));
  // The runner sees exactly the GPU that was chosen, so its device 0 is the right one.
  const ChildResult child =
      run_child({request.runner.string(), "measure", "--kind", std::string(process_kind_id(kind)),
                 "--request", in.string(), "--out", out.string()},
                {{"CUDA_VISIBLE_DEVICES", request.gpu.uuid}}, request.timeout_s);
  const auto died = [&](const std::string& why) {
    run.processes.push_back(dead_process(kind, child.wall_s, why));
    return false;
  };
  if (child.signal || child.exit_status != 0)
    return died(fmt::format("the runner {}: {}", describe(child), last_line(child.log)));
  try {
    RunRecord answer = read_record(read_file(out), "the runner's record");
    if (answer.processes.size() != 1 || answer.processes[0].kind != kind || !answer.gpu)
      return died("the runner's record does not hold the one process that was asked for");
    answer.processes[0].wall_s = child.wall_s;
    append_processes(run, std::move(answer));
  } catch (const UsageError& error) {
    return died(fmt::format("the runner wrote no usable record: {}", error.what()));
  }
  return true;
}

}  // namespace

RunRecord measure(const MeasureRequest& request, const Progress& progress) {
  RunRecord run = request.record;
  const int total = request.timing_processes + 1;
  for (int i = 0; i < total; ++i) {
    // The counters go first: the first process on a GPU that was idle finds other physical pages
    // than all later ones, which moved one workload by 3 % (H200), and it is not the one that
    // times.
    const ProcessKind kind = i == 0 ? ProcessKind::counters : ProcessKind::timing;
    progress(std::string(process_kind_id(kind)), i, total);
    if (run_once(request, kind, run) || run_once(request, kind, run)) continue;
    // Twice dead is no accident, and more of the same would only cost the user's time. Durations
    // are worth having without counters, not the other way round.
    if (kind == ProcessKind::timing) break;
  }
  if (run.gpu) {
    run.gpu->driver = request.gpu.driver;
    run.gpu->vbios = request.gpu.vbios;
    run.gpu->power_limit_w = request.gpu.power_limit_w;
    run.gpu->ecc = request.gpu.ecc;
    run.gpu->mig = request.gpu.mig;
  }
  return run;
}

}  // namespace perfgate
