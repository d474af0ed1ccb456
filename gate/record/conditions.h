// SPDX-License-Identifier: Apache-2.0
// The conditions under which a process measured: clocks, power, temperature, what held the clocks
// down, and which other processes used the GPU. Values only; gate/gpu/sampler takes the readings.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

/// What a reason for lower clocks does to a measurement.
enum class EventWeight {
  harmless,
  unless_observed,  ///< spoils it where clocks were to hold; gives a note where they are free
  always,
};

/// NVML's clocks-event reasons (NVML API reference, "nvmlClocksEventReasons").
struct ClockEvent {
  std::uint64_t bit;
  std::string_view id;
  EventWeight weight;
  std::string_view meaning;
  std::string_view cure{};  ///< what to do about it; set for events that can spoil a measurement
};
inline constexpr std::string_view cool_down = "let it cool down, look at fans and airflow";
inline constexpr std::uint64_t gpu_idle_event = 0x1, power_cap_event = 0x4;
inline constexpr std::array<ClockEvent, 9> clock_events{{
    {gpu_idle_event, "gpu_idle", EventWeight::harmless, "nothing runs on the GPU"},
    {0x2, "applications_clocks_setting", EventWeight::harmless,
     "application clocks are set (nvidia-smi -ac)"},
    {power_cap_event, "sw_power_cap", EventWeight::unless_observed,
     "the driver lowered the clocks to stay within the power limit",
     "lock a lower clock that the power limit allows, or raise the limit"},
    {0x8, "hw_slowdown", EventWeight::always,
     "the hardware halved the clocks against heat or too little power", cool_down},
    {0x10, "sync_boost", EventWeight::harmless, "clocks follow the slowest GPU of a group"},
    {0x20, "sw_thermal_slowdown", EventWeight::always, "the driver lowered the clocks against heat",
     cool_down},
    {0x40, "hw_thermal_slowdown", EventWeight::always,
     "the hardware halved the clocks against heat", cool_down},
    {0x80, "hw_power_brake", EventWeight::always,
     "the power supply asked the hardware to halve the clocks", "look at the power supply"},
    {0x100, "display_clock_setting", EventWeight::harmless, "a display limits the clocks"},
}};

/// Returns the ids of the bits that are set; bits without a table entry are left out.
std::vector<std::string> event_ids(std::uint64_t events);

struct GpuProcess {
  std::int64_t pid = 0;
  std::string name;  ///< "" when the driver does not tell

  bool operator==(const GpuProcess&) const = default;
};

/// The GPU's state at one moment. What could not be read is absent, never 0.
struct GpuReading {
  std::optional<double> sm_clock_hz, memory_clock_hz;
  std::optional<double> power_w, temperature_c;
  std::optional<std::uint64_t> events;
  std::optional<std::vector<GpuProcess>> processes;  ///< have a compute context; ours included

  bool operator==(const GpuReading&) const = default;
};

struct Spread {
  double min = 0, median = 0, max = 0;

  bool operator==(const Spread&) const = default;
};

/// The summary of the readings of one runner process.
struct Conditions {
  GpuReading before, after;  ///< without processes: those are in `others`
  int readings = 0;          ///< how many were taken while the process ran
  int busy = 0;              ///< how many of these saw the GPU work
  // These values hold under load, that is over the busy readings:
  std::optional<Spread> sm_clock_hz, memory_clock_hz, power_w, temperature_c;
  std::optional<std::uint64_t> events;            ///< all events that were seen
  std::optional<std::vector<GpuProcess>> others;  ///< processes that are not the runner

  bool operator==(const Conditions&) const = default;
};

/// `runner` is the runner's process id.
Conditions summarise(const GpuReading& before, const std::vector<GpuReading>& during,
                     const GpuReading& after, std::int64_t runner);

}  // namespace perfgate
