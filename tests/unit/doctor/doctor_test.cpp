// SPDX-License-Identifier: Apache-2.0
#include "gate/doctor/doctor.h"

#include <algorithm>

#include "gate/cli/doctor_probe.h"
#include "gate/os/files.h"
#include "tests/support/catch.h"

using namespace perfgate;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t sys_admin = 1ULL << 21, perfmon = 1ULL << 38;

/// A machine without faults.
Observations healthy() {
  Observations seen;
  seen.machine.counters_admin_only = true;
  seen.machine.capabilities = sys_admin;
  seen.runner = "CUDA 12.8";
  seen.runner_counts = true;
  ObservedGpu gpu;
  gpu.id = "h200";
  gpu.name = "NVIDIA H200";
  gpu.uuid = "GPU-aaaa";
  gpu.driver = "570.86.15";
  gpu.power_limit_w = gpu.default_power_limit_w = 700;
  gpu.ecc = gpu.persistence = true;
  gpu.mig = false;
  gpu.virtualization = 0;
  gpu.max_sm_mhz = 1980;
  gpu.now.sm_clock_hz = 1980e6;
  gpu.now.memory_clock_hz = 3201e6;
  gpu.now.temperature_c = 40;
  gpu.now.events = gpu_idle_event;
  gpu.now.processes.emplace();
  seen.gpu = gpu;
  seen.baseline = ObservedBaseline{"baselines/h200.toml", true, {}, {}, {}};
  return seen;
}

/// Returns "WARN counters: text" for every finding that is not OK.
std::vector<std::string> complaints(const Observations& seen) {
  std::vector<std::string> out;
  for (const Finding& finding : diagnose(seen))
    if (finding.health != Health::ok)
      out.push_back(std::string(healths[static_cast<std::size_t>(finding.health)].id) + " " +
                    finding.subject + ": " + finding.text);
  return out;
}

/// Returns the only complaint after `spoil`.
template <class Spoil>
std::string complaint(Spoil spoil) {
  Observations seen = healthy();
  spoil(seen);
  const auto all = complaints(seen);
  REQUIRE(all.size() == 1);
  return all[0];
}

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  write_file(file, text);
}

}  // namespace

TEST_CASE("nothing is wrong with a healthy machine", "[doctor]") {
  const auto findings = diagnose(healthy());
  CHECK(complaints(healthy()).empty());
  CHECK(worst(findings) == Health::ok);
  CHECK_THAT(render_findings(findings),
             StartsWith("OK    driver       570.86.15, NVIDIA H200 (h200, GPU-aaaa)\n") &&
                 EndsWith("perfgate: doctor: 10 OK, 0 WARN, 0 FAIL\n"));
}

TEST_CASE("each thing that spoils a measurement is found, with its fix", "[doctor]") {
  using F = Observations;
  CHECK_THAT(complaint([](F& f) { f.runner_problem = "cannot start x"; }),
             StartsWith("FAIL runner: cannot start x") && ContainsSubstring("ci/perfgate"));
  CHECK_THAT(complaint([](F& f) { f.runner_counts = false; }),
             StartsWith("WARN runner: ") && ContainsSubstring("libnvperf_host"));
  CHECK_THAT(complaint([](F& f) { f.machine.capabilities = 0; }),
             StartsWith("WARN counters: only administrators") && ContainsSubstring("run as root"));
  CHECK_THAT(complaint([](F& f) {
               f.machine.capabilities = 0;
               f.machine.container = true;
             }),
             ContainsSubstring("--cap-add=SYS_ADMIN"));
  CHECK_THAT(complaint([](F& f) {
               f.machine.capabilities.reset();
               f.machine.counters_admin_only.reset();
             }),
             StartsWith("WARN counters: whether one may"));
  CHECK_THAT(complaint([](F& f) { f.machine.dcgm = true; }),
             StartsWith("WARN DCGM: ") && ContainsSubstring("dcgmi profiling --pause"));
  CHECK_THAT(complaint([](F& f) { f.machine.mps = true; }),
             StartsWith("WARN MPS: ") && ContainsSubstring("nvidia-cuda-mps-control"));
  CHECK_THAT(complaint([](F& f) { f.machine.wsl = true; }), StartsWith("WARN WSL: "));
  CHECK_THAT(complaint([](F& f) { f.gpu->virtualization = 2; }), StartsWith("WARN vGPU: "));
  CHECK_THAT(complaint([](F& f) { f.gpu->mig = true; }),
             StartsWith("WARN MIG: ") && ContainsSubstring("nvidia-smi -mig 0"));
  CHECK_THAT(complaint([](F& f) {
               f.gpu->now.processes = {{{7, "python3"}, {8, ""}}};
             }),
             StartsWith("FAIL neighbours: 2 processes on the GPU: 7 (python3), 8;"));
  CHECK_THAT(complaint([](F& f) { f.gpu->now.processes.reset(); }),
             StartsWith("WARN neighbours: "));
  CHECK_THAT(complaint([](F& f) {
               f.claim = {77, true, true, "/tmp/x"};
             }),
             StartsWith("FAIL claim: perfgate process 77 is measuring"));
  CHECK_THAT(complaint([](F& f) {
               f.claim = {77, false, true, "/tmp/x"};
             }),
             StartsWith("FAIL claim: a perfgate that was killed (process 77)") &&
                 ContainsSubstring("nvidia-smi -rgc") && ContainsSubstring("/tmp/x"));
  CHECK_THAT(complaint([](F& f) { f.gpu->now.events = 0x40; }),
             StartsWith("FAIL throttling: hw_thermal_slowdown"));
  CHECK_THAT(complaint([](F& f) { f.gpu->now.events = 0x4; }),
             StartsWith("WARN throttling: sw_power_cap"));
  CHECK_THAT(complaint([](F& f) { f.gpu->persistence = false; }),
             StartsWith("WARN persistence: ") && ContainsSubstring("nvidia-smi -pm 1"));
  CHECK_THAT(complaint([](F& f) { f.gpu->power_limit_w = 500; }),
             StartsWith("WARN power: the limit is 500 W, 700 by default") &&
                 ContainsSubstring("nvidia-smi -pl 700"));
  CHECK_THAT(complaint([](F& f) { f.gpu->now.temperature_c = 83; }),
             StartsWith("WARN temperature: 83 C"));
  CHECK_THAT(complaint([](F& f) { f.baseline->exists = false; }),
             StartsWith("WARN baseline: baselines/h200.toml is not there") &&
                 ContainsSubstring("perfgate baseline refresh --gpu h200"));
  CHECK_THAT(complaint([](F& f) { f.baseline->unreadable = "h200.toml:3: x"; }),
             StartsWith("FAIL baseline: h200.toml:3: x"));
  CHECK_THAT(complaint([](F& f) { f.baseline->invalid = "ECC is off now"; }),
             StartsWith("FAIL baseline: ECC is off now"));
  CHECK_THAT(complaint([](F& f) {
               f.baseline->differences = {"driver (1)", "board (2)"};
             }),
             StartsWith("WARN baseline: measured with another driver (1), board (2)"));
}

TEST_CASE("locking without root gives a warning, permission to count suffices for counting",
          "[doctor]") {
  Observations seen = healthy();
  seen.clocks = ClockPolicy::lock;
  CHECK(complaints(seen).empty());
  seen.machine.capabilities = perfmon;
  const auto all = complaints(seen);
  REQUIRE(all.size() == 1);
  CHECK_THAT(all[0], StartsWith("WARN clocks: ") && ContainsSubstring("needs root"));
  seen = healthy();
  seen.machine.capabilities = 0;
  seen.machine.counters_admin_only = false;
  CHECK(complaints(seen).empty());
}

TEST_CASE("without a GPU the doctor says so and still looks at the rest", "[doctor]") {
  Observations seen = healthy();
  seen.gpu.reset();
  seen.baseline.reset();
  seen.why_no_gpu = "no NVIDIA driver here";
  seen.machine.wsl = true;
  const auto all = complaints(seen);
  REQUIRE(all.size() == 2);
  CHECK_THAT(all[0], StartsWith("FAIL driver: no NVIDIA driver here"));
  CHECK_THAT(all[1], StartsWith("WARN WSL"));
}

TEST_CASE("a finding is one line for any process name", "[doctor]") {
  Observations seen = healthy();
  seen.gpu->now.processes = {{{7, "x\nOK    driver\x1b[2J"}}};
  const std::string text = render_findings(diagnose(seen));
  CHECK_THAT(text, !ContainsSubstring("\x1b") && !ContainsSubstring("\nOK    driver\x1b"));
  CHECK(std::count(text.begin(), text.end(), '\n') ==
        static_cast<std::ptrdiff_t>(diagnose(seen).size()) + 1);
}

TEST_CASE("the machine's files are read", "[doctor]") {
  const TemporaryDirectory folder;
  const fs::path proc = folder.path() / "proc";
  const ObservedMachine nothing = probe_machine({folder.path()});
  CHECK_FALSE(nothing.counters_admin_only);
  CHECK_FALSE(nothing.capabilities);
  CHECK_FALSE((nothing.container || nothing.wsl || nothing.dcgm || nothing.mps));
  write(proc / "driver/nvidia/params",
        "ResmanDebugLevel: 4294967295\nRmProfilingAdminOnly: 1\nTeslaMod: \"\"\n");
  write(proc / "self/status",
        "Name:\tperfgate\nCapPrm:\t0\nCapEff:\t0000004000200000\nSeccomp: 0\n");
  write(proc / "version", "Linux version 5.15.90.1-Microsoft-standard-WSL2\n");
  write(proc / "10/comm", "nv-hostengine\n");
  write(proc / "11/comm", "nvidia-cuda-mps\n");
  write(folder.path() / ".dockerenv", "");
  const ObservedMachine all = probe_machine({folder.path()});
  CHECK(all.counters_admin_only == true);
  CHECK(all.capabilities == (sys_admin | perfmon));
  CHECK((all.container && all.wsl && all.dcgm && all.mps));
  write(proc / "driver/nvidia/params", "RmProfilingAdminOnly: 0\n");
  CHECK(probe_machine({folder.path()}).counters_admin_only == false);
}

TEST_CASE("the memory's beat is told, and nothing where it was not looked for", "[doctor]") {
  Observations seen = healthy();
  const auto about_memory = [&] {
    for (const Finding& finding : diagnose(seen))
      if (finding.subject == "memory") return finding.text;
    return std::string();
  };
  CHECK(about_memory().empty());
  seen.memory_beat = "none";
  CHECK(about_memory() == "no beat was found");
  seen.memory_beat = "every 100.15 us, for 0.60 us";
  CHECK_THAT(about_memory(), StartsWith("all loads wait every 100.15 us, for 0.60 us; "));
  CHECK(complaints(seen).empty());
}
