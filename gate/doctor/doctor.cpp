// SPDX-License-Identifier: Apache-2.0
#include "gate/doctor/doctor.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr double hot_c = 80;
// Capability numbers of linux/capability.h.
constexpr int cap_sys_admin = 21, cap_perfmon = 38;

bool has_capability(const ObservedMachine& machine, int bit) {
  return machine.capabilities && (*machine.capabilities >> bit & 1);
}

class Diagnosis {
 public:
  void ok(std::string_view subject, std::string_view text) { add(Health::ok, subject, text); }
  void warn(std::string_view subject, std::string_view text) { add(Health::warn, subject, text); }
  void fail(std::string_view subject, std::string_view text) { add(Health::fail, subject, text); }
  std::vector<Finding> take() { return std::move(m_findings); }

 private:
  void add(Health health, std::string_view subject, std::string_view text) {
    m_findings.push_back({health, std::string(subject), one_line(text)});
  }
  std::vector<Finding> m_findings;
};

void look_at_programs(const Observations& seen, Diagnosis& out) {
  if (seen.gpu)
    out.ok("driver", fmt::format("{}, {} ({}, {})", seen.gpu->driver.value_or("unknown"),
                                 seen.gpu->name, seen.gpu->id, seen.gpu->uuid));
  else
    out.fail("driver",
             fmt::format("{}; install NVIDIA's driver{}; without a GPU there are `list`, "
                         "`metrics`, `compare` and `--replay`",
                         seen.why_no_gpu,
                         seen.machine.container ? ", or start the container with --gpus all" : ""));
  if (seen.runner_problem)
    out.fail("runner",
             fmt::format("{}; build it where a CUDA toolkit >= 12.8 is (`./ci/perfgate`), "
                         "CUPTI and cuBLAS are part of that toolkit",
                         *seen.runner_problem));
  else if (!seen.runner_counts)
    out.warn("runner",
             "CUPTI's libnvperf_host knows no chip, so there are no counters; install the "
             "CUPTI of the CUDA toolkit that it was built with");
  else
    out.ok("runner", "finds its libraries, CUPTI and libnvperf_host too: " + seen.runner);
}

void look_at_counters(const ObservedMachine& machine, Diagnosis& out) {
  constexpr std::string_view subject = "counters";
  const bool capable =
      has_capability(machine, cap_sys_admin) || has_capability(machine, cap_perfmon);
  if (capable || machine.counters_admin_only == false)
    out.ok(subject, capable ? "this process may read them" : "everybody may read them");
  else
    out.warn(subject,
             fmt::format("{}, so there are durations alone; {}, or load the driver with "
                         "NVreg_RestrictProfilingToAdminUsers=0",
                         machine.counters_admin_only
                             ? "only administrators may read them"
                             : "whether one may read them without being root is not known here",
                         machine.container ? "start the container with --cap-add=SYS_ADMIN"
                                           : "run as root or with CAP_PERFMON"));
  if (machine.dcgm)
    out.warn("DCGM",
             "nv-hostengine runs and may hold the counters; `dcgmi profiling --pause` while "
             "perfgate measures, `--resume` after it");
}

void look_at_sharing(const Observations& seen, Diagnosis& out) {
  if (seen.machine.mps)
    out.warn("MPS",
             "its control daemon runs, and its server counts as another process; `echo quit "
             "| nvidia-cuda-mps-control`");
  if (seen.machine.wsl)
    out.warn("WSL", "Windows shares the GPU and owns its clocks; measure on plain Linux");
  if (!seen.gpu) return;
  const ObservedGpu& gpu = *seen.gpu;
  if (gpu.virtualization == 2)
    out.warn("vGPU",
             "this is a share of a GPU: its neighbours are not seen, its clocks can't be "
             "locked; pass a whole GPU through");
  if (gpu.mig == true)
    out.warn("MIG",
             "is on: a slice is measured and its neighbours are not seen; `nvidia-smi -mig "
             "0` as root");
  if (!gpu.now.processes) {
    out.warn("neighbours", "the driver does not list processes; make sure that nothing else runs");
  } else if (!gpu.now.processes->empty()) {
    std::vector<std::string> who;
    for (const GpuProcess& process : *gpu.now.processes)
      who.push_back(
          fmt::format("{}{}", process.pid, process.name.empty() ? "" : " (" + process.name + ")"));
    out.fail("neighbours", fmt::format("{} on the GPU: {}; stop it, or choose another GPU",
                                       count_of(who.size(), "process"), join(who)));
  } else {
    out.ok("neighbours", "no other process is on the GPU");
  }
}

void look_at_claim(const Observations& seen, Diagnosis& out) {
  if (!seen.claim) return;
  const ObservedClaim& claim = *seen.claim;
  if (claim.held)
    out.fail("claim",
             fmt::format("perfgate process {} is measuring on this GPU; wait for it", claim.pid));
  else if (claim.clocks_locked)
    out.fail("claim", fmt::format("a perfgate that was killed (process {}) left the clocks locked; "
                                  "`nvidia-smi -rgc` and `-rmc` as root, then remove {}",
                                  claim.pid, claim.file));
}

void look_at_clocks(const Observations& seen, Diagnosis& out) {
  const ObservedGpu& gpu = *seen.gpu;
  const auto mhz = [](const std::optional<double>& hz) {
    return hz ? fmt::format("{:.0f} MHz", *hz / 1e6) : std::string("not known");
  };
  const std::string now =
      fmt::format("SM {}{}, memory {}", mhz(gpu.now.sm_clock_hz),
                  gpu.max_sm_mhz ? fmt::format(" of at most {}", *gpu.max_sm_mhz) : "",
                  mhz(gpu.now.memory_clock_hz));
  if (seen.clocks == ClockPolicy::lock && !has_capability(seen.machine, cap_sys_admin))
    out.warn("clocks", now + "; the config asks to lock them, which needs root");
  else
    // The driver does not tell whether clocks are locked; under load, `verify` sees it.
    out.ok("clocks", fmt::format("{}; policy {}: {}", now, clock_policy_id(seen.clocks),
                                 clock_policies[static_cast<std::size_t>(seen.clocks)].meaning));
  bool throttled = false;
  for (const ClockEvent& event : clock_events) {
    if (event.weight == EventWeight::harmless || !(gpu.now.events.value_or(0) & event.bit))
      continue;
    throttled = true;
    const std::string text =
        fmt::format("{}: {}; cool the GPU or raise its limit", event.id, event.meaning);
    if (event.weight == EventWeight::always)
      out.fail("throttling", text);
    else
      out.warn("throttling", text);
  }
  if (gpu.now.events && !throttled) out.ok("throttling", "nothing holds the clocks down");
}

void look_at_power(const ObservedGpu& gpu, Diagnosis& out) {
  if (gpu.persistence == false)
    out.warn("persistence",
             "is off: the driver forgets settings between processes and starts "
             "slowly; `nvidia-smi -pm 1` as root");
  else if (gpu.persistence)
    out.ok("persistence", "is on");
  if (gpu.power_limit_w && gpu.default_power_limit_w &&
      *gpu.power_limit_w < *gpu.default_power_limit_w - 0.5)
    out.warn(
        "power",
        fmt::format("the limit is {:.0f} W, {:.0f} by default; `nvidia-smi -pl {:.0f}` "
                    "as root",
                    *gpu.power_limit_w, *gpu.default_power_limit_w, *gpu.default_power_limit_w));
  else if (gpu.power_limit_w)
    out.ok("power", fmt::format("the limit is {:.0f} W", *gpu.power_limit_w));
  if (!gpu.now.temperature_c) return;
  if (*gpu.now.temperature_c >= hot_c)
    out.warn("temperature", fmt::format("{:.0f} C is near the throttling point; let it cool down, "
                                        "look at fans and airflow",
                                        *gpu.now.temperature_c));
  else
    out.ok("temperature", fmt::format("{:.0f} C", *gpu.now.temperature_c));
}

void look_at_memory(const std::string& beat, Diagnosis& out) {
  if (beat.empty()) return;
  out.ok("memory", beat == "none"
                       ? "no beat was found"
                       : fmt::format("all loads wait {}; the random waits between perfgate's steps "
                                     "keep that beat out of the figures",
                                     beat));
}

void look_at_baseline(const ObservedBaseline& baseline, const std::string& gpu, Diagnosis& out) {
  constexpr std::string_view subject = "baseline";
  if (!baseline.exists)
    out.warn(subject, fmt::format("{} is not there; measure one with `perfgate baseline refresh "
                                  "--gpu {}`",
                                  baseline.file, gpu));
  else if (baseline.unreadable)
    out.fail(subject, *baseline.unreadable);
  else if (baseline.invalid)
    out.fail(subject, *baseline.invalid);
  else if (!baseline.differences.empty())
    out.warn(subject, fmt::format("measured with another {}; refresh it when this one stays",
                                  join(baseline.differences)));
  else
    out.ok(subject, baseline.file + " was measured on this very setup");
}

}  // namespace

std::vector<Finding> diagnose(const Observations& seen) {
  Diagnosis out;
  look_at_programs(seen, out);
  if (seen.gpu) look_at_counters(seen.machine, out);
  look_at_sharing(seen, out);
  look_at_claim(seen, out);
  if (seen.gpu) {
    look_at_clocks(seen, out);
    look_at_power(*seen.gpu, out);
    look_at_memory(seen.memory_beat, out);
    if (seen.baseline) look_at_baseline(*seen.baseline, seen.gpu->id, out);
  }
  return out.take();
}

Health worst(const std::vector<Finding>& findings) {
  Health health = Health::ok;
  for (const Finding& finding : findings) health = std::max(health, finding.health);
  return health;
}

std::string render_findings(const std::vector<Finding>& findings) {
  std::string text, counts;
  for (const Finding& finding : findings)
    text += fmt::format("{:<5} {:<12} {}\n", healths[static_cast<std::size_t>(finding.health)].id,
                        finding.subject, finding.text);
  for (const HealthInfo& info : healths)
    counts +=
        fmt::format("{}{} {}", counts.empty() ? "" : ", ",
                    std::count_if(findings.begin(), findings.end(),
                                  [&](const Finding& one) { return one.health == info.health; }),
                    info.id);
  return text + fmt::format("perfgate: doctor: {}\n", counts);
}

}  // namespace perfgate
