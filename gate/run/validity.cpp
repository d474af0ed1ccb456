// SPDX-License-Identifier: Apache-2.0
#include "gate/run/validity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr double mhz = 1e6;

std::optional<Invalid> busy(const Conditions& conditions) {
  if (!conditions.others || conditions.others->empty()) return std::nullopt;
  std::vector<std::string> who;
  for (const GpuProcess& process : *conditions.others)
    who.push_back(fmt::format("{}{}", process.pid,
                              process.name.empty() ? "" : " (" + one_line(process.name) + ")"));
  return Invalid{Invalidity::gpu_busy,
                 fmt::format("{} on the GPU beside the runner: {}; stop it, or measure on a GPU "
                             "that nothing else uses",
                             count_of(who.size(), "process"), join(who))};
}

std::optional<Invalid> throttled(const Conditions& conditions, ClockPolicy policy) {
  for (const ClockEvent& event : clock_events) {
    if (!(conditions.events.value_or(0) & event.bit)) continue;
    if (event.weight == EventWeight::harmless) continue;
    if (event.weight == EventWeight::unless_observed && policy == ClockPolicy::observe) continue;
    return Invalid{Invalidity::throttled,
                   fmt::format("{}: {}{}; {}", event.id, event.meaning,
                               conditions.temperature_c
                                   ? fmt::format(" (at {:.0f} C)", conditions.temperature_c->max)
                                   : "",
                               event.cure)};
  }
  return std::nullopt;
}

/// Checks one clock under load: it must not move by more than the tolerance, and must be at its
/// target.
std::optional<Invalid> unsteady(std::string_view name, const std::optional<Spread>& clock,
                                const std::optional<double>& wanted_hz, double tolerance,
                                ClockPolicy policy) {
  const std::string_view cure =
      policy == ClockPolicy::lock ? "lock a lower one (lock_sm_mhz, lock_mem_mhz in configs/gpus/)"
                                  : "lock it (nvidia-smi -lgc, -lmc) or run with --lock-clocks";
  const auto invalid = [&](const std::string& what) {
    return Invalid{Invalidity::clock_off,
                   fmt::format("{} (tolerance {:.1f} %); {}", what, 100 * tolerance, cure)};
  };
  if (!clock) return invalid(fmt::format("the {} clock under load could not be read", name));
  if (clock->max - clock->min > tolerance * clock->max)
    return invalid(fmt::format("the {} clock moved between {:.0f} and {:.0f} MHz under load", name,
                               clock->min / mhz, clock->max / mhz));
  if (wanted_hz && std::abs(clock->median - *wanted_hz) > tolerance * *wanted_hz)
    return invalid(fmt::format("the {} clock was {:.0f} MHz under load, {:.0f} was wanted", name,
                               clock->median / mhz, *wanted_hz / mhz));
  return std::nullopt;
}

std::optional<Invalid> clocks_off(const Conditions& conditions, ClockPolicy policy,
                                  const ClockTarget& target) {
  if (policy == ClockPolicy::observe) return std::nullopt;
  if (auto invalid = unsteady("SM", conditions.sm_clock_hz, target.sm_hz, target.tolerance, policy))
    return invalid;
  // Some GPUs do not report their memory clock or lock it; where it is read, it has to hold.
  if (!conditions.memory_clock_hz && !target.memory_hz) return std::nullopt;
  return unsteady("memory", conditions.memory_clock_hz, target.memory_hz, target.tolerance, policy);
}

std::string place(const RunRecord& run, std::size_t index) {
  return fmt::format("{} process {} of {}", process_kind_id(run.processes[index].kind), index + 1,
                     run.processes.size());
}

}  // namespace

std::optional<Invalid> validate(const ProcessRecord& process, ClockPolicy policy,
                                const ClockTarget& target) {
  if (process.error) return std::nullopt;
  if (!process.conditions) {
    // Free clocks prove nothing either way, and other tools' files have no conditions: a note says
    // what is not known. Clocks that were to hold have to be seen to hold.
    if (policy == ClockPolicy::observe) return std::nullopt;
    return Invalid{Invalidity::clock_off,
                   "its record has no conditions, so whether the clocks held is not known; measure "
                   "it again"};
  }
  const Conditions& conditions = *process.conditions;
  // The order puts causes first: a neighbour takes power, and a throttled clock moves.
  if (auto invalid = busy(conditions)) return invalid;
  if (auto invalid = throttled(conditions, policy)) return invalid;
  return clocks_off(conditions, policy, target);
}

std::optional<Invalid> validate(const ProcessRecord& process, const RunRecord& run) {
  return validate(process, run.clocks, run.clock_target);
}

std::optional<Invalid> invalid_run(const RunRecord& run) {
  const auto last =
      std::find_if(run.processes.rbegin(), run.processes.rend(), [](const ProcessRecord& process) {
        return process.kind == ProcessKind::timing && process.round == 0 && !process.error;
      });
  return last == run.processes.rend() ? std::nullopt : validate(*last, run);
}

std::vector<std::string> validity_notes(const RunRecord& run) {
  std::vector<std::string> notes;
  struct Spoiled {
    std::string first, why;  ///< where it was seen first, and what
    std::size_t more = 0;    ///< processes
  };
  std::vector<Spoiled> spoiled;
  std::size_t capped = 0, looked = 0, unknown = 0, measured = 0;
  for (std::size_t i = 0; i < run.processes.size(); ++i) {
    const ProcessRecord& process = run.processes[i];
    if (const auto invalid = validate(process, run)) {
      const auto known = std::find_if(spoiled.begin(), spoiled.end(), [&](const Spoiled& other) {
        return other.why == invalid->why;
      });
      if (known == spoiled.end())
        spoiled.push_back({place(run, i), invalid->why});
      else
        ++known->more;
    }
    if (!process.error) ++measured;
    const auto& seen = process.conditions;
    if (!process.error && (!seen || !seen->others || !seen->events)) ++unknown;
    if (!seen || !seen->events) continue;
    ++looked;
    for (const ClockEvent& event : clock_events)
      if (event.weight == EventWeight::unless_observed && (*seen->events & event.bit)) ++capped;
  }
  for (const Spoiled& entry : spoiled)
    notes.push_back(entry.more == 0 ? fmt::format("{} does not count: {}", entry.first, entry.why)
                                    : fmt::format("{} and {} more do not count: {}", entry.first,
                                                  entry.more, entry.why));
  if (unknown > 0)
    notes.push_back(fmt::format(
        "{}: the record does not say whether something else used the GPU or throttled it",
        unknown < measured ? fmt::format("{} of {} processes", unknown, measured)
                           : "all processes"));
  if (capped > 0 && run.clocks == ClockPolicy::observe)
    notes.push_back(fmt::format(
        "the power limit lowered the clocks in {} of {} processes (sw_power_cap): durations follow "
        "the clock; --lock-clocks makes them steadier",
        capped, looked));
  return notes;
}

}  // namespace perfgate
