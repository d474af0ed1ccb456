// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline/baseline_text.h"

#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

using namespace perfgate;

TEST_CASE("a baseline as a table", "[baseline_text]") {
  // The logs differ by 0.02, so their standard deviation is 0.02 / sqrt(2) = 1.41 %.
  Baseline baseline = baseline_of(small_plan(), {{10, 10.20201}, {5, 5}});
  baseline.sessions[2] = {"2025-03-04T05:06:07Z", "", "GPU-bbbb"};
  baseline.cases[1].sessions_s = {{2, {5e-6, 5e-6}}};
  baseline.gpu.ecc = true;
  baseline.gpu.power_limit_w = 700;
  baseline.accepted = {{case_of("silu_mul"), "wider \x1b[2Jloads", "2025-03-04", 4e-6, 5e-6}};
  const std::string expected =
      "b.toml\n"
      "GPU        NVIDIA H200 (h200), GH100, 132 SMs\n"
      "board      GPU-aaaa, VBIOS unknown, power limit 700 W, ECC on, MIG unknown\n"
      "driver     570.86.15, CUDA 12.8, cuBLAS 12.8.4\n"
      "date       2025-01-02T03:04:05Z, perfgate 0.1.0\n"
      "commit     0123456789abcdef0123456789abcdef01234567\n"
      "clocks     observe\n"
      "decode     dither up to 120 us\n"
      "decode     gemm_backend auto\n"
      "session 1  2025-01-02T03:04:05Z at 0123456789abcdef0123456789abcdef01234567, board "
      "GPU-aaaa, "
      "read 4000.0 GB/s, FMA 60.00 TFLOP/s\n"
      "session 2  2025-03-04T05:06:07Z at an unknown commit, board GPU-bbbb, no sentinels\n"
      "\n"
      "case                              median us scatter % processes sessions kernels\n"
      "llama-2-7b/b1/s1024/fp16/o_proj       10.10      1.41         2        1       1\n"
      "llama-2-7b/b1/s1024/fp16/silu_mul      5.00      0.00         2        2       1\n"
      "\n"
      "accepted llama-2-7b/b1/s1024/fp16/silu_mul: 4.00 -> 5.00 us (+25.0 %), 2025-03-04: "
      "wider ?[2Jloads\n"
      "\n"
      "2 cases\n";
  CHECK(render_baseline(baseline, "b.toml", 200) == expected);
  // Where an id has no room beside the numbers, its group is a line above.
  const std::string narrow = render_baseline(baseline, "b.toml", 72);
  CHECK_THAT(narrow,
             ContainsSubstring("\nllama-2-7b/b1/s1024/fp16\n"
                               "o_proj       10.10      1.41         2        1       1\n"
                               "silu_mul      5.00      0.00         2        2       1\n"));
}

TEST_CASE("what differs between the conditions of two baselines", "[baseline_text]") {
  const Baseline before = baseline_of(small_plan(), {{10, 10}, {5, 5}});
  CHECK(diff_conditions(before, before).empty());
  Baseline after = before;
  after.gpu.driver = "600.1";
  after.gpu.vbios = "96.00";
  after.gpu.ecc = false;
  after.gpu.pcie_width = 8;
  after.clocks = ClockPolicy::lock;
  after.sessions.at(1).sentinels->read_bytes_per_s = 3.6e12;
  CHECK(diff_conditions(before, after) ==
        std::vector<std::string>{"clocks: observe -> lock", "gpu.driver: 570.86.15 -> 600.1",
                                 "gpu.ecc: unknown -> off", "gpu.pcie_width: unknown -> 8",
                                 "gpu.vbios: unknown -> 96.00",
                                 "sentinels.read_gb_per_s: 4000.0 -> 3600.0 (-10.0 %)"});
  after = before;
  after.settings["decode"].erase("gemm_backend");
  after.settings["decode"]["tuning"] = "x";
  CHECK(diff_conditions(before, after) ==
        std::vector<std::string>{"source.decode.gemm_backend: auto -> not set",
                                 "source.decode.tuning: not set -> x"});
  after = before;
  after.sessions.at(1).sentinels.reset();
  CHECK(diff_conditions(before, after) == std::vector<std::string>{"sentinels: gone"});
  CHECK(diff_conditions(after, before) == std::vector<std::string>{"sentinels: none -> there"});
}

TEST_CASE("each field of the fingerprint is looked at", "[baseline_text]") {
  const Baseline before = baseline_of(small_plan(), {{10, 10}, {5, 5}});
  int seen = 0;
  const auto differs = [&](auto change) {
    Baseline after = before;
    change(after.gpu);
    INFO(++seen);
    CHECK(diff_conditions(before, after).size() == 1);
  };
  differs([](GpuFingerprint& g) { g.name = "x"; });
  differs([](GpuFingerprint& g) { g.uuid = "x"; });
  differs([](GpuFingerprint& g) { g.compute_capability = "x"; });
  differs([](GpuFingerprint& g) { g.sm_count = 1; });
  differs([](GpuFingerprint& g) { g.l2_bytes = 1; });
  differs([](GpuFingerprint& g) { g.memory_bytes = 1; });
  differs([](GpuFingerprint& g) { g.cuda = "x"; });
  differs([](GpuFingerprint& g) { g.cublas = "x"; });
  differs([](GpuFingerprint& g) { g.chip = "x"; });
  differs([](GpuFingerprint& g) { g.power_limit_w = 1; });
  differs([](GpuFingerprint& g) { g.mig = true; });
  differs([](GpuFingerprint& g) { g.persistence = true; });
  differs([](GpuFingerprint& g) { g.pcie_generation = 5; });
}
