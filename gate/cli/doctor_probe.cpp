// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/doctor_probe.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdlib>
#include <set>
#include <string_view>

#include "gate/baseline/baseline.h"
#include "gate/baseline/tuning.h"
#include "gate/cli/baseline_source.h"
#include "gate/cli/program_options.h"
#include "gate/config/make_plan.h"
#include "gate/decode/decode_source.h"
#include "gate/gpu/gpu_choice.h"
#include "gate/gpu/gpu_claim.h"
#include "gate/gpu/gpu_reader.h"
#include "gate/judge/settings_differ.h"
#include "gate/os/files.h"
#include "gate/os/process.h"
#include "gate/run/validity.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

/// Returns "" when the file cannot be read: an unknown fact is no error here.
std::string contents(const fs::path& file) {
  try {
    return read_file(file);
  } catch (const UsageError&) {
    return "";
  }
}

/// Returns the text after `key` on its line, without the spaces around it.
std::optional<std::string> value_after(const std::string& text, const std::string& key) {
  const std::size_t at = text.find(key);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + key.size();
  const std::string line = text.substr(begin, text.find('\n', begin) - begin);
  constexpr std::string_view spaces = " \t\r";
  const std::size_t first = line.find_first_not_of(spaces);
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(spaces) - first + 1);
}

/// Returns the names of all processes; the kernel cuts them at 15 characters.
std::set<std::string> process_names(const fs::path& proc) {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(proc, error)) {
    if (!std::isdigit(static_cast<unsigned char>(entry.path().filename().string()[0]))) continue;
    std::string name = contents(entry.path() / "comm");
    std::erase(name, '\n');
    names.insert(name);
  }
  return names;
}

ObservedGpu observe_gpu(const NvmlGpu& gpu, const Config& config) {
  ObservedGpu seen;
  seen.id = gpu_id(config.gpus, gpu.name);
  seen.name = gpu.name;
  seen.uuid = gpu.uuid;
  static_cast<DriverState&>(seen) = gpu;
  seen.default_power_limit_w = gpu.default_power_limit_w;
  seen.virtualization = gpu.virtualization;
  seen.max_sm_mhz = gpu.max_sm_mhz;
  seen.now = GpuReader(gpu.uuid).read(ReadProcesses::yes);
  return seen;
}

ObservedBaseline observe_baseline(const fs::path& file, const ObservedGpu& gpu, ClockPolicy clocks,
                                  const Plan& plan) {
  ObservedBaseline seen;
  seen.file = file.string();
  seen.exists = fs::exists(file);
  if (!seen.exists) return seen;
  try {
    const Baseline baseline = read_baseline(read_file(file), file.string());
    // This is the gate's own rule, applied to a run of this GPU without measurements.
    RunRecord run;
    run.clocks = clocks;
    run.plan = plan;
    set_choices(run.plan, choices_of(baseline));
    run.gpu = baseline.gpu;
    static_cast<DriverState&>(*run.gpu) = gpu;
    if (const auto differs = settings_differ(run, baseline)) seen.invalid = *differs;
    if (baseline.gpu.driver && *baseline.gpu.driver != gpu.driver)
      seen.differences.push_back(fmt::format("driver ({})", *baseline.gpu.driver));
    if (!baseline.has_board(gpu.uuid))
      seen.differences.push_back(fmt::format("board ({})", baseline.gpu.uuid));
  } catch (const UsageError& error) {
    seen.unreadable = error.what();
  }
  return seen;
}

void try_runner(Observations& seen, const fs::path& runner) {
  try {
    const ChildResult child = run_child({runner.string(), "list"}, {}, 30);
    if (child.signal || child.exit_status != 0)
      seen.runner_problem =
          fmt::format("{} {}: {}", runner.string(), describe(child), last_line(child.log));
    else
      seen.runner = child.log.substr(0, child.log.find('\n'));
    seen.runner_counts = !value_after(child.log, "counters on:").value_or("").empty();
  } catch (const NoVerdict& error) {
    seen.runner_problem = error.what();
  }
}

/// Asks the runner for the beat of the GPU's memory; "" where it cannot say.
std::string beat_of(const fs::path& runner, const std::string& uuid) {
  const ChildResult child =
      run_child({runner.string(), "beat"}, {{"CUDA_VISIBLE_DEVICES", uuid}}, 60);
  if (child.signal || child.exit_status != 0) return "";
  return value_after(child.log, "memory beat:").value_or("");
}

}  // namespace

ObservedMachine probe_machine(const ProbeRoot& root) {
  const fs::path proc = root.path / "proc";
  ObservedMachine seen;
  if (const auto value =
          value_after(contents(proc / "driver/nvidia/params"), "RmProfilingAdminOnly:"))
    seen.counters_admin_only = *value != "0";
  if (const auto value = value_after(contents(proc / "self/status"), "CapEff:"))
    seen.capabilities = std::strtoull(value->c_str(), nullptr, 16);
  std::error_code error;
  seen.container = fs::exists(root.path / ".dockerenv", error) ||
                   fs::exists(root.path / "run/.containerenv", error);
  std::string version = contents(proc / "version");
  for (char& c : version) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  seen.wsl = version.find("microsoft") != std::string::npos;
  const std::set<std::string> names = process_names(proc);
  seen.dcgm = names.contains("nv-hostengine");
  seen.mps = names.contains("nvidia-cuda-mps") || names.contains("nvidia-cuda-mps-control");
  return seen;
}

Observations probe(const Project& project, const Config& config, const ProbeRequest& request,
                   const ProbeRoot& root) {
  Observations seen;
  seen.machine = probe_machine(root);
  seen.clocks = request.clocks;
  try_runner(seen, request.runner);
  try {
    const GpuList list = usable_gpus();
    if (list.gpus.empty()) throw NoVerdict(list.why_none);
    seen.gpu = observe_gpu(choose_gpu(config, list.gpus, request.gpu.id), config);
  } catch (const NoVerdict& error) {
    seen.why_no_gpu = error.what();
  }
  if (!seen.gpu) return seen;
  if (const auto state = inspect_claim(seen.gpu->uuid))
    seen.claim = ObservedClaim{state->note.pid, state->held, state->note.clocks_locked(),
                               claim_file(seen.gpu->uuid).string()};
  const bool idle = seen.gpu->now.processes && seen.gpu->now.processes->empty();
  if (!seen.runner_problem && idle && !(seen.claim && seen.claim->held))
    seen.memory_beat = beat_of(request.runner, seen.gpu->uuid);
  const fs::path file = baseline_path(request.baseline, project, {seen.gpu->id, seen.gpu->uuid});
  seen.baseline =
      observe_baseline(file, *seen.gpu, seen.clocks,
                       config.measures_suite ? make_plan(config, {}) : program_plan(config));
  return seen;
}

}  // namespace perfgate
