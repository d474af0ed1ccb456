// SPDX-License-Identifier: Apache-2.0
// Finds what on this machine would spoil a measurement, and the fix. These are pure rules over
// facts that `perfgate doctor` has gathered.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/record/clock_policy.h"
#include "gate/record/conditions.h"
#include "gate/record/gpu_fingerprint.h"

namespace perfgate {

/// What the machine's files tell. An absent value could not be read.
struct ObservedMachine {
  std::optional<bool> counters_admin_only;    ///< RmProfilingAdminOnly of the driver
  std::optional<std::uint64_t> capabilities;  ///< the effective ones, as bits
  bool container = false, wsl = false;
  bool dcgm = false, mps = false;  ///< nv-hostengine, nvidia-cuda-mps-control
};

struct ObservedGpu : DriverState {
  std::string id, name, uuid;
  std::optional<double> default_power_limit_w;
  std::optional<int> virtualization;  ///< as NVML numbers it
  std::optional<int> max_sm_mhz;
  GpuReading now;
};

/// A perfgate that claims the GPU, or one that died and left its clocks locked.
struct ObservedClaim {
  int pid = 0;
  bool held = false;
  bool clocks_locked = false;
  std::string file;
};

struct ObservedBaseline {
  std::string file;
  bool exists = false;
  std::optional<std::string> unreadable;
  std::optional<std::string> invalid;    ///< a setting under which it was not measured
  std::vector<std::string> differences;  ///< what may move durations: driver, board
};

struct Observations {
  std::string why_no_gpu;  ///< set where there is no `gpu`
  std::optional<ObservedGpu> gpu;
  ObservedMachine machine;
  std::optional<std::string> runner_problem;  ///< why it does not start
  std::string runner;                         ///< its first line when it does
  bool runner_counts = false;                 ///< its CUPTI knows the counters of some chip
  /// "none", or "every 100.15 us, for 0.60 us", as the runner found it; "": not looked for.
  std::string memory_beat;
  ClockPolicy clocks = ClockPolicy::observe;
  std::optional<ObservedClaim> claim;
  std::optional<ObservedBaseline> baseline;
};

enum class Health { ok, warn, fail };
struct HealthInfo {
  Health health;
  std::string_view id, meaning;
};
inline constexpr std::array<HealthInfo, 3> healths{{
    {Health::ok, "OK", "nothing to do"},
    {Health::warn, "WARN", "perfgate works, with less evidence or more noise"},
    {Health::fail, "FAIL", "no valid verdict until this is put right"},
}};

struct Finding {
  Health health = Health::ok;
  std::string subject;
  std::string text;  ///< what was found and, unless it is fine, what to do
};

std::vector<Finding> diagnose(const Observations& seen);

Health worst(const std::vector<Finding>& findings);

/// Returns one line per finding, then one sentence.
std::string render_findings(const std::vector<Finding>& findings);

}  // namespace perfgate
