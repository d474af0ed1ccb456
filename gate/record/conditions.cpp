// SPDX-License-Identifier: Apache-2.0
#include "gate/record/conditions.h"

#include <algorithm>
#include <map>

#include "gate/util/stats.h"

namespace perfgate {

namespace {

using Value = std::optional<double> GpuReading::*;

std::optional<Spread> spread_of(const std::vector<const GpuReading*>& readings, Value value) {
  std::vector<double> values;
  for (const GpuReading* reading : readings)
    if (reading->*value) values.push_back(*(reading->*value));
  if (values.empty()) return std::nullopt;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return Spread{*low, median(values), *high};
}

double highest_clock(const std::vector<GpuReading>& readings) {
  double highest = 0;
  for (const GpuReading& reading : readings)
    highest = std::max(highest, reading.sm_clock_hz.value_or(0));
  return highest;
}

/// A GPU is busy unless the driver says that it is idle. Where the driver gives no reasons, the
/// upper half of the clocks that were seen counts as busy: idle clocks are far below it.
std::vector<bool> busy_flags(const std::vector<GpuReading>& readings) {
  const double highest = highest_clock(readings);
  std::vector<bool> busy;
  for (const GpuReading& reading : readings)
    busy.push_back(reading.events ? !(*reading.events & gpu_idle_event)
                                  : reading.sm_clock_hz && *reading.sm_clock_hz > highest / 2);
  return busy;
}

/// Returns the busy readings without the edges of each burst of work, where the clock may still
/// rise or fall; such readings belong to no measurement. An edge is one reading, and before that
/// all that are at an idle GPU's clock: a program that has just opened the GPU is not idle, and
/// does not work yet.
std::vector<const GpuReading*> steady_of(const std::vector<GpuReading>& readings,
                                         const std::vector<bool>& is_busy) {
  const double idle_below = highest_clock(readings) / 2;
  const auto at_work = [&](std::size_t i) {
    return readings[i].sm_clock_hz.value_or(idle_below) >= idle_below;
  };
  std::vector<const GpuReading*> steady;
  for (std::size_t begin = 0, end = 0; begin < readings.size(); begin = end + 1) {
    end = begin;
    while (end < readings.size() && is_busy[end]) ++end;
    std::size_t first = begin, last = end;
    while (first < last && !at_work(first)) ++first;
    while (first < last && !at_work(last - 1)) --last;
    for (std::size_t i = first + 1; i + 1 < last; ++i) steady.push_back(&readings[i]);
  }
  return steady;
}

using Processes = std::map<std::int64_t, GpuProcess>;

void add(Processes& seen, const GpuReading& reading) {
  if (!reading.processes) return;
  for (const GpuProcess& process : *reading.processes) seen.emplace(process.pid, process);
}

std::optional<std::vector<GpuProcess>> others_of(const GpuReading& before,
                                                 const std::vector<GpuReading>& during,
                                                 const GpuReading& after, std::int64_t runner) {
  Processes idle, working;
  add(idle, before);
  add(idle, after);
  bool known = before.processes || after.processes;
  for (const GpuReading& reading : during) {
    add(working, reading);
    known = known || reading.processes;
  }
  if (!known) return std::nullopt;
  const bool runner_seen = working.erase(runner) > 0;
  idle.erase(runner);
  // In a container the driver may number processes as the host does. Then the runner is the process
  // that is there only while the runner runs.
  if (!runner_seen) {
    const auto found = std::find_if(working.begin(), working.end(),
                                    [&](const auto& entry) { return !idle.contains(entry.first); });
    if (found != working.end()) working.erase(found);
  }
  working.merge(idle);
  std::vector<GpuProcess> others;
  for (const auto& [pid, process] : working) others.push_back(process);
  return others;
}

GpuReading without_processes(GpuReading reading) {
  reading.processes.reset();
  return reading;
}

}  // namespace

std::vector<std::string> event_ids(std::uint64_t events) {
  std::vector<std::string> ids;
  for (const ClockEvent& event : clock_events)
    if (events & event.bit) ids.emplace_back(event.id);
  return ids;
}

Conditions summarise(const GpuReading& before, const std::vector<GpuReading>& during,
                     const GpuReading& after, std::int64_t runner) {
  Conditions out;
  out.before = without_processes(before);
  out.after = without_processes(after);
  out.readings = static_cast<int>(during.size());
  const std::vector<bool> is_busy = busy_flags(during);
  std::vector<const GpuReading*> busy;
  for (std::size_t i = 0; i < during.size(); ++i) {
    if (!is_busy[i]) continue;
    busy.push_back(&during[i]);
    if (during[i].events) out.events = out.events.value_or(0) | *during[i].events;
  }
  out.busy = static_cast<int>(busy.size());
  const std::vector<const GpuReading*> steady = steady_of(during, is_busy);
  const auto& settled = steady.empty() ? busy : steady;
  out.sm_clock_hz = spread_of(settled, &GpuReading::sm_clock_hz);
  out.memory_clock_hz = spread_of(settled, &GpuReading::memory_clock_hz);
  out.power_w = spread_of(busy, &GpuReading::power_w);
  out.temperature_c = spread_of(busy, &GpuReading::temperature_c);
  out.others = others_of(before, during, after, runner);
  return out;
}

}  // namespace perfgate
