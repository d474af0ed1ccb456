// SPDX-License-Identifier: Apache-2.0
// Bad conditions of the GPU: the run is repeated, then has no verdict; never a regression or a
// pass.
#include <tuple>

#include "tests/support/bench.h"
#include "tests/support/catch.h"

using perfgate::read_file;

namespace {

Bench bench_under(const std::map<std::string, std::string>& conditions) {
  Bench bench;
  bench.make_baseline();
  for (const auto& [name, value] : conditions) bench.env[name] = value;
  return bench;
}

std::size_t processes_kept(const Bench& bench) {
  return read_file(bench.root() / "runner-state").size();
}

}  // namespace

TEST_CASE("a neighbour on the GPU is no verdict, however fast or slow the run", "[validity_cli]") {
  for (const char* script : {"", "slow:*:2", "slow:*:0.5"}) {
    Bench bench = bench_under({{"FAKE_NVML_PROCESSES", "4242|/usr/bin/python3 train.py;77"}});
    bench.env["FAKE_RUNNER"] = script;
    const Outcome outcome = bench.perfgate({});
    INFO(outcome.out);
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.out, ContainsSubstring("2 processes on the GPU beside the runner: 77, 4242 "
                                              "(python3)"));
    CHECK_THAT(outcome.last_line(), StartsWith("perfgate: NO VERDICT: 0 passed, 11 invalid"));
    // Each kind is measured again once; further repeats would show the same.
    CHECK(processes_kept(bench) == 4);
  }
}

TEST_CASE("a neighbour that goes away costs one repeat", "[validity_cli]") {
  const Bench bench = bench_under({{"FAKE_NVML_PROCESSES", "4242|x"}, {"FAKE_NVML_WHILE", "2"}});
  const Outcome outcome = bench.perfgate({});
  INFO(outcome.out);
  CHECK(outcome.code == 0);
  // The counters are invalid once or twice, then come three timing processes, of which one may be
  // repeated.
  CHECK_THAT(outcome.out, ContainsSubstring(" not count: 1 process on the GPU"));
  CHECK(processes_kept(bench) > 4);
}

TEST_CASE("heat is no verdict, a power cap with free clocks is a note", "[validity_cli]") {
  const Outcome hot = bench_under({{"FAKE_NVML_EVENTS", "0x40"}}).perfgate({});
  CHECK(hot.code == 3);
  CHECK_THAT(hot.out, ContainsSubstring("hw_thermal_slowdown") && ContainsSubstring("45 C"));
  const Outcome capped = bench_under({{"FAKE_NVML_EVENTS", "0x4"}}).perfgate({});
  CHECK(capped.code == 0);
  CHECK_THAT(capped.out, ContainsSubstring("sw_power_cap"));
}

TEST_CASE("other settings than the baseline's are no verdict", "[validity_cli]") {
  for (const auto& [variable, value, what] :
       {std::tuple{"FAKE_NVML_ECC", "0", "ECC is off now, on in the baseline"},
        std::tuple{"FAKE_NVML_MIG", "1", "MIG mode is on now, off in the baseline"},
        std::tuple{"FAKE_NVML_POWER_LIMIT", "400000", "the power limit is 400 W now"}}) {
    const Outcome outcome = bench_under({{variable, value}}).perfgate({});
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.out, ContainsSubstring(what));
  }
}

TEST_CASE("an invalid run never becomes a baseline", "[validity_cli]") {
  const Bench bench = bench_under({{"FAKE_NVML_EVENTS", "0x20"}});
  const std::string before = read_file(bench.baseline());
  const Outcome outcome = bench.perfgate({"baseline", "refresh"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("sw_thermal_slowdown") &&
                              ContainsSubstring("the baseline was left as it is"));
  CHECK(read_file(bench.baseline()) == before);
}

TEST_CASE("`run` keeps an invalid record and says so", "[validity_cli]") {
  const Bench bench = bench_under({{"FAKE_NVML_EVENTS", "0x20"}});
  const Outcome outcome = bench.perfgate({"run", "-o", "run.json"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("sw_thermal_slowdown"));
  // A later judgement gives the same result.
  CHECK(bench.perfgate({"compare", "run.json"}).code == 3);
}

TEST_CASE("the conditions of every process stand in the record", "[validity_cli]") {
  Bench bench = bench_under({{"FAKE_RUNNER", "crash-once"}});
  CHECK(bench.perfgate({"-o", "run.json"}).code == 0);
  const auto run = perfgate::read_record(read_file(bench.root() / "run.json"), "run.json");
  REQUIRE(run.processes.size() == 5);
  for (const auto& process : run.processes) {
    REQUIRE(process.conditions);
    CHECK(process.conditions->readings >= 1);
    CHECK(process.conditions->sm_clock_hz->median == 1980e6);
    CHECK(process.conditions->before.power_w == 350.25);
    CHECK(process.conditions->after.temperature_c == 45);
    CHECK(process.conditions->others->empty());
  }
  CHECK(run.gpu->persistence == true);
  CHECK(run.gpu->pcie_generation == 5);
  CHECK(run.gpu->pcie_width == 16);
}

TEST_CASE("a driver that tells nothing is no obstacle where clocks are free", "[validity_cli]") {
  const Outcome outcome =
      bench_under({{"FAKE_NVML_BROKEN",
                    "nvmlDeviceGetClockInfo nvmlDeviceGetCurrentClocksEventReasons "
                    "nvmlDeviceGetPowerUsage nvmlDeviceGetTemperature "
                    "nvmlDeviceGetComputeRunningProcesses_v3"}})
          .perfgate({});
  CHECK(outcome.code == 0);
}
