// SPDX-License-Identifier: Apache-2.0
// The clocks of a fake GPU: the fake driver logs every call. These tests keep one rule: without
// --lock-clocks or clocks = "lock" nothing is ever set, and locked clocks are restored, however the
// gate ends.
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "gate/gpu/gpu_claim.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

using perfgate::read_file;
using perfgate::write_file;

namespace {

using Calls = std::vector<std::string>;

/// The calls that change something.
const Calls locked_and_restored{
    "nvmlDeviceSetGpuLockedClocks 1500 1500", "nvmlDeviceSetMemoryLockedClocks 3201 3201",
    "nvmlDeviceResetGpuLockedClocks", "nvmlDeviceResetMemoryLockedClocks"};

Bench logging_bench(const std::string& clocks = "lock") {
  Bench bench;
  bench.make_baseline();
  bench.change_baseline("clocks = \"observe\"", "clocks = \"" + clocks + "\"");
  bench.env["FAKE_NVML_LOG"] = (bench.root() / "nvml.log").string();
  return bench;
}

/// Returns the calls that are not reads.
Calls changes(const Bench& bench) {
  Calls out;
  for (const std::string& call : split(read_file(bench.root() / "nvml.log"), '\n'))
    if (call.find("Get") == std::string::npos && call != "nvmlInit_v2" && call != "nvmlShutdown")
      out.push_back(call);
  return out;
}

std::filesystem::path claim_of(const Bench& bench) {
  return bench.root() / "state" / "perfgate-gpu-GPU-aaaa";
}

/// Polls every 10 ms for at most 10 s: the guardian of a killed gate outlives it for a moment.
template <class Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    ::poll(nullptr, 0, 10);
  }
  return condition();
}

bool says_locked(const Bench& bench) {
  return read_file(claim_of(bench)).find("sm_mhz 1500") != std::string::npos;
}

}  // namespace

TEST_CASE("clocks are locked for a run and restored after it", "[clocks]") {
  const Bench bench = logging_bench();
  const Outcome outcome = bench.perfgate({"--lock-clocks", "-o", "run.json"});
  INFO(outcome.err + outcome.out);
  CHECK(outcome.code == 0);
  CHECK(changes(bench) == locked_and_restored);
  CHECK_FALSE(says_locked(bench));
  const auto run = perfgate::read_record(read_file(bench.root() / "run.json"), "run.json");
  CHECK(run.clocks == perfgate::ClockPolicy::lock);
  CHECK(run.clock_target.sm_hz == 1500e6);
  REQUIRE(run.processes.at(0).conditions);
  CHECK(run.processes[0].conditions->sm_clock_hz->median == 1500e6);
}

TEST_CASE("the config can ask for the lock, and name the clocks", "[clocks]") {
  const Bench bench = logging_bench();
  bench.change_policy("clocks = \"observe\"", "clocks = \"lock\"");
  const auto file = bench.root() / "configs" / "gpus" / "h200.toml";
  write_file(file, read_file(file) + "lock_sm_mhz = 1200\nlock_mem_mhz = 2619\n");
  CHECK(bench.perfgate({}).code == 0);
  CHECK(changes(bench) ==
        Calls{"nvmlDeviceSetGpuLockedClocks 1200 1200", "nvmlDeviceSetMemoryLockedClocks 2619 2619",
              "nvmlDeviceResetGpuLockedClocks", "nvmlDeviceResetMemoryLockedClocks"});
}

TEST_CASE("observe and verify only read", "[clocks]") {
  for (const char* policy : {"observe", "verify"}) {
    const Bench bench = logging_bench(policy);
    bench.change_policy("clocks = \"observe\"", std::string("clocks = \"") + policy + "\"");
    const Outcome outcome = bench.perfgate({});
    INFO(outcome.out);
    CHECK(outcome.code == 0);
    CHECK(changes(bench).empty());
    CHECK_THAT(read_file(bench.root() / "nvml.log"), ContainsSubstring("nvmlDeviceGetClockInfo"));
  }
}

TEST_CASE("a crash of the runner gives the clocks back", "[clocks]") {
  Bench bench = logging_bench();
  bench.env["FAKE_RUNNER"] = "crash";
  CHECK(bench.perfgate({"--lock-clocks"}).code == 3);
  CHECK(changes(bench) == locked_and_restored);
}

TEST_CASE("an interrupt gives the clocks back before the gate is gone", "[clocks]") {
  for (const char* script : {"interrupt", "terminate"}) {
    Bench bench = logging_bench();
    bench.env["FAKE_RUNNER"] = script;
    CHECK(bench.perfgate({"--lock-clocks"}).code == 130);
    CHECK(changes(bench) == locked_and_restored);
    CHECK_FALSE(says_locked(bench));
  }
}

TEST_CASE("a gate that is killed gives the clocks back, through its guardian", "[clocks]") {
  // The gate is killed alone, or with its whole process group as a CI system does it.
  const std::string script = GENERATE("kill-gate", "kill-group");
  Bench bench = logging_bench();
  bench.env["FAKE_RUNNER"] = script;
  Leash leash;
  CHECK(bench.perfgate({"--lock-clocks"}).code == 128 + SIGKILL);
  CHECK(soon([&] { return changes(bench) == locked_and_restored; }));
  CHECK(soon([&] { return !says_locked(bench); }));
  CHECK(leash.all_gone());
  // The next gate finds a GPU that is free.
  bench.env["FAKE_RUNNER"] = "";
  CHECK(soon([&] { return bench.perfgate({"--lock-clocks"}).code == 0; }));
}

TEST_CASE("without permission nothing is locked, nothing reset, and the fix is named", "[clocks]") {
  Bench bench = logging_bench();
  bench.env["FAKE_NVML_DENIED"] = "nvmlDeviceSetGpuLockedClocks";
  const Outcome outcome = bench.perfgate({"--lock-clocks"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("not permitted") && ContainsSubstring("sudo") &&
                              ContainsSubstring("clocks = \"verify\""));
  // Another user's lock must not be undone.
  CHECK(changes(bench) == Calls{locked_and_restored[0]});
  CHECK_FALSE(std::filesystem::exists(bench.root() / "runner-state"));
}

TEST_CASE("a refused memory lock undoes the lock of the SM clock", "[clocks]") {
  Bench bench = logging_bench();
  bench.env["FAKE_NVML_DENIED"] = "nvmlDeviceSetMemoryLockedClocks";
  CHECK(bench.perfgate({"--lock-clocks"}).code == 3);
  CHECK(changes(bench) ==
        Calls{locked_and_restored[0], locked_and_restored[1], locked_and_restored[2]});
}

TEST_CASE("a GPU without a memory lock is locked as far as it goes", "[clocks]") {
  Bench bench = logging_bench();
  bench.env["FAKE_NVML_BROKEN"] = "nvmlDeviceSetMemoryLockedClocks";
  CHECK(bench.perfgate({"--lock-clocks"}).code == 0);
  CHECK(changes(bench) ==
        Calls{locked_and_restored[0], locked_and_restored[1], locked_and_restored[2]});
}

TEST_CASE("no default clock and none in the config is a usage error that names the keys",
          "[clocks]") {
  Bench bench = logging_bench();
  bench.env["FAKE_NVML_BROKEN"] = "nvmlDeviceGetDefaultApplicationsClock";
  const Outcome outcome = bench.perfgate({"--lock-clocks"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("lock_sm_mhz"));
  CHECK(changes(bench).empty());
}

TEST_CASE("a locked clock that does not hold is no verdict", "[clocks]") {
  Bench bench = logging_bench();
  bench.env["FAKE_NVML_SM_MHZ"] = "1410";
  const Outcome outcome = bench.perfgate({"--lock-clocks"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.out,
             ContainsSubstring("the SM clock was 1410 MHz under load, 1500 was wanted"));
  CHECK_THAT(outcome.last_line(), ContainsSubstring("11 invalid"));
  CHECK(changes(bench) == locked_and_restored);
}

TEST_CASE("a restore that the driver refuses is reported, with the command", "[clocks]") {
  Bench bench = logging_bench();
  bench.env["FAKE_NVML_DENIED"] = "nvmlDeviceResetGpuLockedClocks";
  const Outcome outcome = bench.perfgate({"--lock-clocks"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.err, ContainsSubstring("nvidia-smi -rgc"));
  CHECK(says_locked(bench));
}

TEST_CASE("nothing is measured under a lock that a dead run left behind", "[clocks]") {
  const Bench bench = logging_bench("observe");
  write_file(claim_of(bench), "pid 31337\nsm_mhz 1500\nmemory_mhz 0\n");
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("31337") && ContainsSubstring("nvidia-smi -rgc"));
  CHECK(changes(bench).empty());
  // It stays on record until clocks are restored: a locking run does so.
  CHECK(says_locked(bench));
  bench.change_baseline("clocks = \"observe\"", "clocks = \"lock\"");
  CHECK(bench.perfgate({"--lock-clocks"}).code == 0);
  CHECK_FALSE(says_locked(bench));
}

TEST_CASE("two gates do not measure on one GPU at the same time", "[clocks]") {
  Bench bench = logging_bench("observe");
  ::setenv("PERFGATE_STATE_DIR", bench.env["PERFGATE_STATE_DIR"].c_str(), 1);
  {
    const perfgate::GpuClaim claim("GPU-aaaa");
    const Outcome outcome = bench.perfgate({});
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err,
               ContainsSubstring("another perfgate (process " + std::to_string(::getpid())));
    CHECK_FALSE(std::filesystem::exists(bench.root() / "runner-state"));
    CHECK(perfgate::inspect_claim("GPU-aaaa")->held);
  }
  CHECK_FALSE(perfgate::inspect_claim("GPU-aaaa")->held);
  CHECK_FALSE(perfgate::inspect_claim("GPU-bbbb"));
  ::unsetenv("PERFGATE_STATE_DIR");
  CHECK(bench.perfgate({}).code == 0);
}
