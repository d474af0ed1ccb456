// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/measure_benchmark.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "gate/exchange/import_run.h"
#include "gate/measure/foreign_file.h"
#include "gate/measure/program_command.h"
#include "gate/os/files.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

struct BenchmarkStart {
  ImportedProcess measured;
  std::optional<std::string> nothing;  ///< why nothing was measured; empty: something was
  Conditions conditions;
  double wall_s = 0;
};

/// What messages call its file, whose path is gone when they are read.
std::string benchmark_file(const ProgramTask& task) {
  return fmt::format("{} file", task.spec.tool->id);
}

/// Returns why there is no file to read; empty: there is one.
std::optional<std::string> no_file(const ChildResult& child, const fs::path& file,
                                   const ProgramTask& task) {
  const std::string ended = fmt::format("the benchmark {}", describe(child));
  if (child.signal != 0 || child.exit_status != 0)
    return fmt::format("{}: {}", ended, clipped(last_line(child.log), 200));
  if (!fs::exists(file))
    return fmt::format(
        "{} and wrote no {}: a command that does not pass its last arguments on says {} where the "
        "file's path belongs",
        ended, benchmark_file(task), file_placeholder);
  if (fs::is_regular_file(file) && fs::file_size(file) == 0)
    return fmt::format("{} and left its {} empty", ended, benchmark_file(task));
  return std::nullopt;
}

/// Another GPU's numbers are none of this one.
void require_chosen_gpu(const ImportedProcess& measured, const MeasureRequest& request,
                        const ProgramTask& task) {
  if (measured.gpu && measured.gpu->name != request.gpu.name)
    throw UsageError(fmt::format("{}: measured on a {}, and {} was chosen", benchmark_file(task),
                                 printable(measured.gpu->name), request.gpu.name));
}

BenchmarkStart start_benchmark(const MeasureRequest& request, const ProgramTask& task,
                               const GpuReader& gpu) {
  const TemporaryDirectory place;
  const fs::path file = place.path() / "measured";
  const CommandStart start = run_command(
      request, task, gpu, benchmark_command(task.spec.command, *task.spec.tool, file.string()), {});
  BenchmarkStart out;
  out.conditions = start.conditions;
  out.wall_s = start.child.wall_s;
  out.nothing = no_file(start.child, file, task);
  if (out.nothing) return out;
  try {
    ForeignFile foreign = foreign_file(file);
    foreign.name = benchmark_file(task);
    out.measured = task.importer->read(foreign, {});
    require_chosen_gpu(out.measured, request, task);
  } catch (const UsageError& error) {
    // The user wrote no such file, so it is no mistake of theirs.
    out.nothing = fmt::format("the benchmark wrote no usable result: {}", error.what());
    return out;
  }
  for (ImportedCase& entry : out.measured.cases)
    entry.group = fmt::format("{}/{}", task.spec.name, entry.group);
  return out;
}

/// A mean of one start is not compared with a median of another.
void fail_other_statistics(ImportedProcess& measured, const Source& source) {
  for (ImportedCase& entry : measured.cases) {
    const auto known = source.settings.find(work_setting(entry.group));
    if (entry.samples_s.empty() || known == source.settings.end() ||
        known->second == entry.statistic)
      continue;
    entry.failure = fmt::format("{} here, {} at the first look: not comparable", entry.statistic,
                                known->second);
  }
}

/// Returns the process of one start, dead when that gave nothing.
ProcessRecord process_of_start(BenchmarkStart& start, const ProgramTask& task, const Plan& plan) {
  ProcessRecord dead;
  dead.kind = ProcessKind::timing;
  dead.error = start.nothing;
  if (dead.error) return dead;
  try {
    fail_other_statistics(start.measured, plan.sources.front());
    return std::move(imported_processes(start.measured, plan, benchmark_file(task)).front());
  } catch (const UsageError& error) {
    dead.error = error.what();
    return dead;
  }
}

}  // namespace

Plan look_at_benchmark(const MeasureRequest& request, const ProgramTask& task, const GpuReader& gpu,
                       std::vector<std::string>& notes) {
  const BenchmarkStart look = start_benchmark(request, task, gpu);
  if (look.nothing) throw NoVerdict(*look.nothing);
  Plan plan = request.record.plan;
  plan.metrics.clear();  // the tool has its own numbers, and no counters are taken beside them
  try {
    notes = plan_imported(plan, program_source(task.spec), {{benchmark_file(task), ""}},
                          {look.measured});
  } catch (const UsageError& error) {
    throw NoVerdict(error.what());
  }
  return plan;
}

ProcessRecord time_benchmark(const MeasureRequest& request, const ProgramTask& task,
                             const GpuReader& gpu, const Plan& plan) {
  BenchmarkStart start = start_benchmark(request, task, gpu);
  ProcessRecord process = process_of_start(start, task, plan);
  process.conditions = start.conditions;
  process.wall_s = start.wall_s;
  return process;
}

}  // namespace perfgate
