#include "gate/cli/doctor_probe.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdlib>
#include <set>

#include "gate/baseline/baseline.h"
#include "gate/cli/baseline_source.h"
#include "gate/cli/commands.h"
#include "gate/cli/project.h"
#include "gate/config/make_plan.h"
#include "gate/gpu/gpu_choice.h"
#include "gate/gpu/gpu_claim.h"
#include "gate/gpu/gpu_reader.h"
#include "gate/judge/settings_differ.h"
#include "gate/os/files.h"
#include "gate/os/process.h"
#include "gate/os/terminal.h"
#include "gate/run/validity.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

/// "" when it cannot be read: a fact that is missing is no error here.
std::string contents(const fs::path& file) {
  try {
    return read_file(file);
  } catch (const UsageError&) {
    return "";
  }
}

/// What follows `key` on its line, without spaces.
std::optional<std::string> value_after(const std::string& text, const std::string& key) {
  const std::size_t at = text.find(key);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + key.size();
  std::string value = text.substr(begin, text.find('\n', begin) - begin);
  std::erase_if(value, [](unsigned char c) { return std::isspace(c); });
  return value;
}

/// The names of all processes; the kernel cuts them at 15 characters.
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

GpuFacts facts_of(const NvmlGpu& gpu, const Config& config) {
  GpuFacts facts;
  facts.id = gpu_id(config.gpus, gpu.name);
  facts.name = gpu.name;
  facts.uuid = gpu.uuid;
  static_cast<DriverState&>(facts) = gpu;
  facts.default_power_limit_w = gpu.default_power_limit_w;
  facts.virtualization = gpu.virtualization;
  facts.max_sm_mhz = gpu.max_sm_mhz;
  facts.now = GpuReader(gpu.uuid).read(ReadProcesses::yes);
  return facts;
}

BaselineFacts baseline_facts(const fs::path& file, const GpuFacts& gpu, ClockPolicy clocks,
                             const Plan& plan) {
  BaselineFacts facts;
  facts.file = file.string();
  facts.exists = fs::exists(file);
  if (!facts.exists) return facts;
  try {
    const Baseline baseline = read_baseline(read_file(file), file.string());
    // The rule is the gate's own: a run of this GPU in which nothing was measured yet.
    RunRecord run;
    run.clocks = clocks;
    run.plan = plan;
    run.gpu = baseline.gpu;
    static_cast<DriverState&>(*run.gpu) = gpu;
    if (const auto differs = settings_differ(run, baseline)) facts.invalid = *differs;
    if (baseline.gpu.driver && *baseline.gpu.driver != gpu.driver)
      facts.differences.push_back(fmt::format("driver ({})", *baseline.gpu.driver));
    if (baseline.gpu.uuid != gpu.uuid)
      facts.differences.push_back(fmt::format("board ({})", baseline.gpu.uuid));
  } catch (const UsageError& error) {
    facts.unreadable = error.what();
  }
  return facts;
}

void try_runner(DoctorFacts& facts, const fs::path& runner) {
  try {
    const ChildResult child = run_child({runner.string(), "list"}, {}, 30);
    if (child.signal || child.exit_status != 0)
      facts.runner_problem =
          fmt::format("{} {}: {}", runner.string(), describe(child), last_line(child.log));
    else
      facts.runner = child.log.substr(0, child.log.find('\n'));
    facts.runner_counts = !value_after(child.log, "counters on:").value_or("").empty();
  } catch (const NoVerdict& error) {
    facts.runner_problem = error.what();
  }
}

}  // namespace

MachineFacts probe_machine(const ProbeRoot& root) {
  const fs::path proc = root.path / "proc";
  MachineFacts facts;
  if (const auto value =
          value_after(contents(proc / "driver/nvidia/params"), "RmProfilingAdminOnly:"))
    facts.counters_admin_only = *value != "0";
  if (const auto value = value_after(contents(proc / "self/status"), "CapEff:"))
    facts.capabilities = std::strtoull(value->c_str(), nullptr, 16);
  std::error_code error;
  facts.container = fs::exists(root.path / ".dockerenv", error) ||
                    fs::exists(root.path / "run/.containerenv", error);
  std::string version = contents(proc / "version");
  for (char& c : version) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  facts.wsl = version.find("microsoft") != std::string::npos;
  const std::set<std::string> names = process_names(proc);
  facts.dcgm = names.contains("nv-hostengine");
  facts.mps = names.contains("nvidia-cuda-mps") || names.contains("nvidia-cuda-mps-control");
  return facts;
}

ExitCode run_doctor(const Options& options, const ProbeRoot& root) {
  const House house = find_house(options.config);
  const Config config = configured(house, options);
  DoctorFacts facts;
  facts.machine = probe_machine(root);
  facts.clocks = options.lock_clocks ? ClockPolicy::lock : config.measure.clocks;
  try_runner(facts, runner_path(options.runner));
  try {
    const GpuList list = usable_gpus();
    if (list.gpus.empty()) throw NoVerdict(list.why_none);
    facts.gpu = facts_of(choose_gpu(config, list.gpus, options.gpu), config);
  } catch (const NoVerdict& error) {
    facts.why_no_gpu = error.what();
  }
  if (facts.gpu) {
    if (const auto state = inspect_claim(facts.gpu->uuid))
      facts.claim = ClaimFacts{state->note.pid, state->held, state->note.clocks_locked(),
                               claim_file(facts.gpu->uuid).string()};
    const fs::path file = baseline_path(options, house, {facts.gpu->id, facts.gpu->uuid});
    facts.baseline = baseline_facts(file, *facts.gpu, facts.clocks, make_plan(config, {}));
  }
  const std::vector<Finding> findings = diagnose(facts);
  print_stdout(render_findings(findings));
  return worst(findings) == Health::fail ? ExitCode::no_verdict : ExitCode::pass;
}

}  // namespace perfgate
