// SPDX-License-Identifier: Apache-2.0
#include "gate/config/starter.h"

#include "gate/config/config.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

std::string text_of(const std::vector<StarterFile>& files, std::string_view path) {
  for (const StarterFile& file : files)
    if (file.path == path) return file.text;
  return "";
}

Policy policy_of(const StarterFacts& facts) {
  return parse_policy({text_of(starter_files(facts), "perfgate.toml"), "perfgate.toml"},
                      {source_file("configs/perfgate.toml"), "defaults.toml"});
}

}  // namespace

TEST_CASE("a program that was found is what is measured, under locked clocks", "[starter]") {
  const StarterProgram program{"bench_decode", {"./a \"b\\c"}, {"decode_*/"}};
  const Policy policy = policy_of({program, "h200", "acme/perfgate@v1"});
  REQUIRE(policy.programs.size() == 1);
  CHECK(policy.programs[0].name == "bench_decode");
  CHECK(policy.programs[0].command == program.command);
  CHECK(policy.programs[0].ranges == program.ranges);
  CHECK_FALSE(policy.measures_suite);
  CHECK(policy.measure.clocks == ClockPolicy::lock);
  // Without ranges every kernel is a case.
  const Policy by_kernel = policy_of({StarterProgram{"b", {"b"}, {}}, "h200", "acme/p@v1"});
  CHECK(by_kernel.programs[0].source == RangeSource::kernel);
}

TEST_CASE("without a program the suite is measured", "[starter]") {
  const Policy policy = policy_of({std::nullopt, "h100", "acme/perfgate@v1"});
  CHECK(policy.programs.empty());
  CHECK(policy.measures_suite);
  CHECK(policy.suite.models == std::vector<std::string>{"llama-3.1-8b"});
}

TEST_CASE("the workflows name the GPU and where perfgate comes from", "[starter]") {
  const auto files = starter_files({std::nullopt, "a100", "acme/perf.gate@v2"});
  REQUIRE(files.size() == 6);
  CHECK_THAT(text_of(files, ".github/workflows/perfgate.yml"),
             ContainsSubstring("gpus: '[\"a100\"]'") &&
                 ContainsSubstring("uses: acme/perf.gate/.github/workflows/gate.yml@v2\n") &&
                 ContainsSubstring("      ref: v2\n"));
  CHECK_THAT(text_of(files, ".github/workflows/perfgate-history.yml"),
             ContainsSubstring("uses: acme/perf.gate/.github/workflows/history.yml@v2\n"));
  CHECK_THAT(text_of(files, ".github/workflows/perfgate-refresh.yml"),
             ContainsSubstring("gpu: ${{ inputs.gpu }}\n") && ContainsSubstring("default: a100,"));
  CHECK_THAT(text_of(files, ".github/workflows/perfgate-comment.yml"),
             ContainsSubstring("on:\n  issue_comment:\n    types: [created]\n") &&
                 ContainsSubstring("gpus: '[\"a100\"]'"));
}

TEST_CASE("a benchmark is one by a word of its name", "[starter]") {
  for (const char* name : {"bench.py", "benchmark_decode.py", "my-bench", "decode_benchmarks.py"})
    CHECK(looks_like_benchmark(name));
  for (const char* name : {"workbench.py", "main.py", ""}) CHECK_FALSE(looks_like_benchmark(name));
}

TEST_CASE("NVTX ranges are read off a source", "[starter]") {
  CHECK(nvtx_ranges_in("torch.cuda.nvtx.range_push(f\"my_decode_{step:d}_5\")\n"
                       "nvtx.range_push('prefill')\nnvtx.range_push('prefill')\n"
                       "with nvtx.annotate(\"all layers\"):\nnvtxRangePushA(\"c++\");\n"
                       "range_push(name)\nrange_push(f\"{name}\")\nrange_push(\"open") ==
        std::vector<std::string>{"my_decode_*_5/", "prefill/", "all layers/"});
}
