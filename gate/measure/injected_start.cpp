// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/injected_start.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "gate/measure/program_command.h"
#include "gate/os/files.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

constexpr const char* cuda_variable = "CUDA_INJECTION64_PATH";
constexpr const char* nvtx_variable = "NVTX_INJECTION64_PATH";

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

/// Says in which range a process was that wrote nothing: "12 step", and what lies behind it.
std::string last_range_in(const fs::path& file) {
  const std::string text = read_file(file, std::size_t{1} << 13);
  const std::string range = text.substr(0, text.find('\0'));
  const std::size_t space = range.find(' ');
  if (space == std::string::npos) return "";
  return fmt::format("process {} had begun '{}', its range number {}", file.stem().string(),
                     one_line(clipped(valid_utf8(range.substr(space + 1)), 80)),
                     one_line(clipped(valid_utf8(range.substr(0, space)), 20)));
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
    if (kind == ".last" && !fs::exists(folder / (pid + ".json")) &&
        !fs::exists(folder / (pid + ".ended.json")))
      start.last_range = last_range_in(file);
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

}  // namespace

void require_free_places() {
  for (const char* variable : {cuda_variable, nvtx_variable})
    if (const char* taken = std::getenv(variable); taken && *taken)
      throw UsageError(fmt::format("{} is already set, to {}: another tool measures here; unset it",
                                   variable, taken));
}

InjectedStart start_injected(const MeasureRequest& request, const ProgramTask& task,
                             const GpuReader& gpu, ProgramRequest asked) {
  const TemporaryDirectory place;
  const fs::path folder = place.path() / "processes", file = place.path() / "request.json";
  fs::create_directory(folder);
  asked.folder = folder.string();
  write_file(file, write_program_request(asked));
  const CommandStart start =
      run_command(request, task, gpu, task.spec.command,
                  {{cuda_variable, task.library.string()},
                   {nvtx_variable, task.library.string()},
                   {program_request_variable, file.string()}},
                  [&] { return task.spec.until == Until::done && all_written(folder); });
  const ChildResult& child = start.child;
  InjectedStart out;
  out.conditions = start.conditions;
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

}  // namespace perfgate
