// SPDX-License-Identifier: Apache-2.0
#include "gate/record/conditions.h"

#include "gate/record/conditions_json.h"
#include "tests/support/catch.h"

using namespace perfgate;

namespace {

constexpr double mhz = 1e6;
constexpr std::int64_t runner = 4000;

GpuReading at(double sm_mhz, std::uint64_t events = 0) {
  GpuReading reading;
  reading.sm_clock_hz = sm_mhz * mhz;
  reading.power_w = sm_mhz / 10;
  reading.events = events;
  return reading;
}

GpuReading with(std::vector<GpuProcess> processes) {
  GpuReading reading;
  reading.processes = std::move(processes);
  return reading;
}

std::vector<std::int64_t> others(const GpuReading& before, const std::vector<GpuReading>& during,
                                 const GpuReading& after) {
  std::vector<std::int64_t> pids;
  const Conditions conditions = summarise(before, during, after, runner);
  for (const GpuProcess& process : *conditions.others) pids.push_back(process.pid);
  return pids;
}

}  // namespace

TEST_CASE("only readings under load count, without the ramps at their edges", "[conditions]") {
  const Conditions out = summarise(at(345, gpu_idle_event),
                                   {at(345, gpu_idle_event), at(900), at(1980), at(1980), at(1965),
                                    at(1980), at(1200), at(345, gpu_idle_event)},
                                   at(345, gpu_idle_event), runner);
  CHECK(out.readings == 8);
  CHECK(out.busy == 6);
  CHECK(out.sm_clock_hz == Spread{1965 * mhz, 1980 * mhz, 1980 * mhz});
  // Power and temperature change slowly: the edges are as good as the rest.
  CHECK(out.power_w == Spread{90, 197.25, 198});
  CHECK_FALSE(out.temperature_c);
  CHECK_FALSE(out.memory_clock_hz);
  CHECK(out.before.sm_clock_hz == 345 * mhz);
}

TEST_CASE("a program that opened the GPU and does not work yet is no load", "[conditions]") {
  // Its driver says that the GPU is not idle, for many readings at the idle clock.
  const Conditions out = summarise(
      {}, {at(345), at(345), at(345), at(1200), at(1980), at(1980), at(1980), at(345), at(345)}, {},
      runner);
  CHECK(out.busy == 9);
  CHECK(out.sm_clock_hz == Spread{1980 * mhz, 1980 * mhz, 1980 * mhz});
  // A clock that falls while the GPU works is seen, however far it falls.
  const Conditions fell =
      summarise({}, {at(345), at(1980), at(1980), at(345), at(1980), at(1980)}, {}, runner);
  CHECK(fell.sm_clock_hz == Spread{345 * mhz, 1980 * mhz, 1980 * mhz});
}

TEST_CASE("every event that was seen under load is kept, those of an idle GPU are not",
          "[conditions]") {
  const Conditions out = summarise(at(345, gpu_idle_event | 0x40),
                                   {at(1980, 0x4), at(1980), at(1500, 0x20), at(345, 0x8 | 0x1)},
                                   at(345, gpu_idle_event), runner);
  CHECK(event_ids(*out.events) == std::vector<std::string>{"sw_power_cap", "sw_thermal_slowdown"});
}

TEST_CASE("without events the upper half of the clocks is load", "[conditions]") {
  std::vector<GpuReading> during{at(345), at(1980), at(1980), at(1980)};
  for (GpuReading& reading : during) reading.events.reset();
  const Conditions out = summarise({}, during, {}, runner);
  CHECK(out.busy == 3);
  CHECK_FALSE(out.events);
}

TEST_CASE("what was never read is absent", "[conditions]") {
  CHECK(summarise({}, {}, {}, runner) == Conditions{});
  const Conditions blind = summarise({}, {GpuReading{}}, {}, runner);
  CHECK(blind.readings == 1);
  CHECK(blind.busy == 0);
  CHECK_FALSE(blind.others);
}

TEST_CASE("the runner is no other process, every further process is one", "[conditions]") {
  const GpuProcess ours{runner, "perfgate-runner"}, x{7, "x"}, y{8, "y"};
  CHECK(others(with({}), {with({ours})}, with({})).empty());
  CHECK(others(with({}), {with({ours, x})}, with({})) == std::vector<std::int64_t>{7});
  CHECK(others(with({x}), {with({ours})}, with({y})) == std::vector<std::int64_t>{7, 8});
  // The driver may list the runner briefly after its end.
  CHECK(others(with({}), {with({ours})}, with({ours})).empty());
}

TEST_CASE("in a container the one that comes and goes with the runner is the runner",
          "[conditions]") {
  const GpuProcess host_pid{987654, ""}, x{7, "x"}, y{8, "y"};
  CHECK(others(with({}), {with({host_pid})}, with({})).empty());
  CHECK(others(with({x}), {with({x, host_pid})}, with({x})) == std::vector<std::int64_t>{7});
  CHECK(others(with({}), {with({x, y})}, with({})).size() == 1);
  // An earlier neighbour is not mistaken for a runner that never appeared.
  CHECK(others(with({x}), {with({x})}, with({x})) == std::vector<std::int64_t>{7});
}

TEST_CASE("conditions survive writing and reading", "[conditions]") {
  GpuReading full = at(1980, 0x4);
  full.memory_clock_hz = 3201 * mhz;
  full.temperature_c = 45;
  full.processes = {{{7, "x"}}};
  for (const Conditions& conditions :
       {Conditions{}, summarise(full, {full, full}, full, runner), summarise(at(345), {}, {}, 1)}) {
    const Json json = write_conditions(conditions);
    CHECK(read_conditions(JsonObject(json, "r.json")) == conditions);
  }
}

TEST_CASE("every clocks event has one bit and one id", "[conditions]") {
  std::uint64_t all = 0;
  for (const ClockEvent& event : clock_events) {
    CHECK((all & event.bit) == 0);
    all |= event.bit;
    CHECK(event_ids(event.bit) == std::vector<std::string>{std::string(event.id)});
  }
  CHECK(event_ids(all).size() == clock_events.size());
  CHECK(event_ids(1ULL << 40).empty());
}
