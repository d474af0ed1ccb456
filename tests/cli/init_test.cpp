// SPDX-License-Identifier: Apache-2.0
// `perfgate init` in a repository of a user's.
#include <fmt/format.h>

#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

namespace fs = std::filesystem;
using namespace perfgate;

namespace {

Bench fresh_repository() {
  Bench bench;
  bench.runner.clear();
  for (const char* folder : {"configs", "baselines", "tests"})
    fs::remove_all(bench.root() / folder);
  fs::create_directories(bench.root() / "src" / "deep");
  bench.git({"init", "-q", "-b", "main"});
  bench.below = "src/deep";
  return bench;
}

}  // namespace

TEST_CASE("init writes a project that is found and read, for the GPU that is here", "[init]") {
  Bench bench = fresh_repository();
  fs::create_directories(bench.root() / "benchmarks");
  write_file(bench.root() / "benchmarks" / "bench_decode.py",
             "torch.cuda.nvtx.range_push(f'decode_{i}')\n");
  write_file(bench.root() / ".gitignore", "/build/");
  const Outcome outcome = bench.perfgate({"init", "--action", "acme/perfgate@v3"});
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  const std::string root = bench.root().string();
  CHECK_THAT(outcome.out,
             ContainsSubstring("written: " + root + "/perfgate.toml\n") &&
                 ContainsSubstring("written: " + root + "/.github/workflows/perfgate.yml\n") &&
                 ContainsSubstring("measured: python3 benchmarks/bench_decode.py, NVTX ranges "
                                   "decode_*/; correct it in perfgate.toml\n") &&
                 ContainsSubstring("  perfgate baseline refresh ") && EndsWith("regressed\n"));
  CHECK(read_file(bench.root() / ".gitignore") == "/build/\n/perfgate/out/\n");
  CHECK_THAT(read_file(bench.root() / ".github/workflows/perfgate.yml"),
             ContainsSubstring("gpus: '[\"h200\"]'") && ContainsSubstring("acme/perfgate"));
  CHECK_THAT(bench.perfgate({"config", "show"}).out,
             ContainsSubstring("measure.clocks = \"lock\"  # " + root + "/perfgate.toml") &&
                 ContainsSubstring("# measured: the programs"));
}

TEST_CASE("init takes a command, or the suite", "[init]") {
  Bench bench = fresh_repository();
  const Outcome command =
      bench.perfgate({"init", "--gpu", "a100", "--", "build/decode", "--steps", "9"});
  CHECK(command.code == 0);
  CHECK_THAT(read_file(bench.root() / "perfgate.toml"),
             ContainsSubstring("name = \"decode\"\ncommand = [\"build/decode\", \"--steps\", "
                               "\"9\"]") &&
                 ContainsSubstring("perfgate/gpus/a100.toml"));
  CHECK(bench.perfgate({"list"}).code == 0);
  Bench other = fresh_repository();
  other.env["FAKE_NVML_GPUS"] = "";
  const Outcome suite = other.perfgate({"init", "--suite"});
  CHECK(suite.code == 0);
  CHECK_THAT(suite.out, ContainsSubstring("no GPU here") && ContainsSubstring("--action"));
  CHECK_THAT(other.perfgate({"list"}).out, ContainsSubstring("llama-3.1-8b/b1/s1024/fp16/o_proj"));
}

TEST_CASE("init overwrites nothing, and then writes nothing", "[init]") {
  Bench bench = fresh_repository();
  const fs::path workflow = bench.root() / ".github" / "workflows" / "perfgate-report.yml";
  fs::create_directories(workflow.parent_path());
  write_file(workflow, "mine");
  const Outcome outcome = bench.perfgate({"init"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring(workflow.string() + " is there already"));
  CHECK(read_file(workflow) == "mine");
  CHECK_FALSE(fs::exists(bench.root() / "perfgate.toml"));
  fs::remove(workflow);
  CHECK(bench.perfgate({"init"}).code == 0);
  const std::string before = read_file(bench.root() / "perfgate.toml");
  const Outcome again = bench.perfgate({"init"});
  CHECK(again.code == 2);
  CHECK_THAT(again.err, ContainsSubstring("there is a project already: "));
  CHECK(read_file(bench.root() / "perfgate.toml") == before);
}

TEST_CASE("init refuses what would break the files that it writes", "[init]") {
  const Bench bench = fresh_repository();
  const std::vector<std::vector<std::string>> lines{{"--action", "acme"},
                                                    {"--action", "a/b@v1\n- run: x"},
                                                    {"--gpu", "h100]"},
                                                    {"--suite", "--", "x"},
                                                    {"--", "a\nb"}};
  for (std::vector<std::string> line : lines) {
    line.insert(line.begin(), "init");
    INFO(line[1]);
    CHECK(bench.perfgate(line).code == 2);
  }
  CHECK(bench.perfgate({"config", "show"}).out.find("none here") != std::string::npos);
}
