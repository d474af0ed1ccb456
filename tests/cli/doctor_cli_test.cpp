// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using perfgate::read_file;
using perfgate::write_file;

TEST_CASE("the doctor looks at GPU, runner and baseline, and only reads", "[doctor_cli]") {
  Bench bench;
  bench.make_baseline();
  const std::string log = (bench.root() / "nvml.log").string();
  bench.env["FAKE_NVML_LOG"] = log;
  const Outcome outcome = bench.perfgate({"doctor"});
  INFO(outcome.out + outcome.err);
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out,
             ContainsSubstring("OK    driver       570.86.15, NVIDIA H200") &&
                 ContainsSubstring("OK    runner       finds its libraries") &&
                 ContainsSubstring("OK    neighbours") &&
                 ContainsSubstring("OK    memory       all loads wait every 100.15 us") &&
                 ContainsSubstring("OK    baseline"));
  CHECK_THAT(outcome.last_line(), StartsWith("perfgate: doctor: ") && EndsWith(" 0 FAIL"));
  CHECK_THAT(read_file(log), !ContainsSubstring("Set") && !ContainsSubstring("Reset"));
  CHECK(bench.leftovers().empty());
}

TEST_CASE("the doctor uses no GPU that somebody else uses", "[doctor_cli]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER_BEAT"] = "none";
  CHECK_THAT(bench.perfgate({"doctor"}).out, ContainsSubstring("OK    memory       no beat"));
  bench.env["FAKE_NVML_PROCESSES"] = "4242|/usr/bin/python3 train.py";
  CHECK_THAT(bench.perfgate({"doctor"}).out, !ContainsSubstring("memory       "));
}

TEST_CASE("the doctor works without a GPU and says so", "[doctor_cli]") {
  Bench bench;
  bench.env["PERFGATE_NVML"] = "/none/libnvidia-ml.so.1";
  const Outcome outcome = bench.perfgate({"doctor"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.out, ContainsSubstring("FAIL  driver       no NVIDIA driver here"));
}

TEST_CASE("the doctor finds what the gate would refuse", "[doctor_cli]") {
  Bench bench;
  bench.make_baseline();
  CHECK(bench.perfgate({"doctor", "--gpu", "a100"}).code == 3);
  bench.env["FAKE_NVML_PROCESSES"] = "4242|/usr/bin/python3 train.py";
  Outcome outcome = bench.perfgate({"doctor"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.out,
             ContainsSubstring("FAIL  neighbours") && ContainsSubstring("4242 (python3)"));
  bench.env["FAKE_NVML_PROCESSES"] = "";
  bench.env["FAKE_NVML_ECC"] = "0";
  outcome = bench.perfgate({"doctor"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.out, ContainsSubstring("FAIL  baseline     ECC is off now"));
  bench.env["FAKE_NVML_ECC"] = "1";
  bench.env["FAKE_NVML_PERSISTENCE"] = "0";
  bench.env["FAKE_NVML_POWER_DEFAULT"] = "800000";
  bench.env["FAKE_NVML_TEMPERATURE"] = "85";
  outcome = bench.perfgate({"doctor"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, ContainsSubstring("WARN  persistence") &&
                              ContainsSubstring("WARN  power") &&
                              ContainsSubstring("WARN  temperature  85 C"));
}

TEST_CASE("the doctor names a lock that a dead run left behind", "[doctor_cli]") {
  Bench bench;
  bench.make_baseline();
  write_file(bench.root() / "state" / "perfgate-gpu-GPU-aaaa",
             "pid 31337\nsm_mhz 1500\nmemory_mhz 3201\n");
  const Outcome outcome = bench.perfgate({"doctor"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.flat(), ContainsSubstring("FAIL  claim") && ContainsSubstring("31337") &&
                                 ContainsSubstring("nvidia-smi -rgc"));
}

TEST_CASE("the doctor knows a baseline of another GEMM backend", "[doctor_cli]") {
  const Bench bench;
  bench.make_baseline();
  const Outcome other = bench.perfgate({"doctor", "--backend", "cublas"});
  CHECK(other.code == 3);
  CHECK_THAT(other.out, ContainsSubstring(
                            "FAIL  baseline     decode: gemm_backend is cublas now, auto in the"));
  REQUIRE(bench.perfgate({"baseline", "refresh", "--backend", "cublas"}).code == 0);
  CHECK_THAT(bench.perfgate({"doctor", "--backend", "cublas"}).out,
             ContainsSubstring("OK    baseline"));
  CHECK_THAT(bench.perfgate({"doctor"}).out, ContainsSubstring("FAIL  baseline"));
}

TEST_CASE("a runner that is not there is found before anything is measured", "[doctor_cli]") {
  Bench bench;
  bench.make_baseline();
  bench.runner = "/none/perfgate-runner";
  const Outcome outcome = bench.perfgate({"doctor"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.out, ContainsSubstring("FAIL  runner       cannot start /none/"));
}
