// SPDX-License-Identifier: Apache-2.0
// Which GPU is used, and what happens without one.
#include "gate/util/json_object.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"

using perfgate::parse_json;
using perfgate::read_file;

namespace {

/// Returns a bench on a machine without a driver.
Bench no_gpu() {
  Bench bench;
  bench.env["PERFGATE_NVML"] = "/none/libnvidia-ml.so.1";
  return bench;
}

}  // namespace

TEST_CASE("no GPU is no verdict, whatever was asked for and wherever", "[gpu]") {
  Bench bench = no_gpu();
  bench.runner.clear();
  bench.make_baseline();
  bench.save_run("tests/recordings/h200.json");
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"check"},
                                                    {"--gpu", "h200"},
                                                    {"--lock-clocks"},
                                                    {"--runner", "/none/runner"},
                                                    {"--base-runner", "/none/runner"},
                                                    {"--processes", "9"},
                                                    {"--output", "run.json"},
                                                    {"--only", "*/o_proj"},
                                                    {"--json", "r.json"}}) {
    const Outcome outcome = bench.perfgate(arguments);
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring("no GPU: no NVIDIA driver here"));
    CHECK(outcome.out.empty());
  }
  for (const char* mark : {"CI", "GITHUB_ACTIONS", "JENKINS_URL"}) {
    bench.env[mark] = "1";
    CHECK(bench.perfgate({}).code == 3);
    bench.env.erase(mark);
  }
}

TEST_CASE("the demo replays the recording and says so everywhere", "[gpu]") {
  Bench bench = no_gpu();
  bench.make_baseline();
  bench.save_run("tests/recordings/h200.json");
  const Outcome outcome = bench.perfgate({"demo", "--markdown", "r.md", "--json", "r.json"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, StartsWith("REPLAY"));
  CHECK(outcome.last_line() == "perfgate: REPLAY: PASS: 11 passed (h200)");
  CHECK_THAT(read_file(bench.root() / "r.md"), ContainsSubstring("REPLAY"));
  CHECK(parse_json(read_file(bench.root() / "r.json"), "r.json")["source"] == "replay");
  CHECK(bench.perfgate({"demo", "--only", "*/o_proj"}).last_line() ==
        "perfgate: REPLAY: PASS: 1 passed (h200)");
  CHECK(bench.perfgate({"demo", "--gpu", "h200"}).code == 2);  // it measures nothing
}

TEST_CASE("no recording is replayed when a GEMM backend is asked for", "[gpu]") {
  Bench bench = no_gpu();
  bench.make_baseline();
  bench.save_run("tests/recordings/h200.json");
  for (std::vector<std::string> arguments : {std::vector<std::string>{"check"},
                                             {"run"},
                                             {"ab", "--base", "x", "--head", "y"},
                                             {"qualify"}}) {
    INFO(arguments.front());
    arguments.insert(arguments.end(), {"--backend", "own", "-o", "run.json"});
    const Outcome outcome = bench.perfgate(arguments);
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err, StartsWith("perfgate: error: no GPU: no NVIDIA driver here"));
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("a replay exits by its verdict, and takes no option of a measurement", "[gpu]") {
  Bench bench = no_gpu();
  bench.make_baseline();
  bench.save_run("tests/recordings/h200.json", "slow:*/o_proj:1.1");
  CHECK(bench.perfgate({"demo"}).code == 1);
  bench.env["CI"] = "true";
  CHECK(bench.perfgate({"--replay", "tests/recordings/h200.json"}).code == 1);
  for (const std::vector<std::string>& option : {std::vector<std::string>{"--lock-clocks"},
                                                 {"--backend", "own"},
                                                 {"--runner", "x"},
                                                 {"--base-runner", "x"},
                                                 {"--processes", "9"},
                                                 {"--output", "x.json"}}) {
    std::vector<std::string> arguments{"--replay", "tests/recordings/h200.json"};
    arguments.insert(arguments.end(), option.begin(), option.end());
    const Outcome outcome = bench.perfgate(arguments);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring(option.front() + " is for measuring"));
  }
}

TEST_CASE("a GPU that is there is never replaced by a recording", "[gpu]") {
  Bench bench;
  bench.make_baseline();
  bench.save_run("tests/recordings/h200.json", "slow:*:2");
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, !ContainsSubstring("REPLAY"));
}

TEST_CASE("another GPU than the one asked for is no verdict, and both are named", "[gpu]") {
  Bench bench;
  bench.make_baseline();
  const Outcome outcome = bench.perfgate({"--gpu", "a100"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("--gpu a100: this machine has h200 (NVIDIA H200)"));
}

TEST_CASE("a mistyped GPU is no verdict, with the nearest one", "[gpu]") {
  Bench bench;
  const Outcome outcome = bench.perfgate({"--gpu", "h20"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("did you mean 'h200'?"));
}

TEST_CASE("--gpu finds the second GPU, and the runner sees exactly that one", "[gpu]") {
  Bench bench;
  bench.env["FAKE_NVML_GPUS"] = "NVIDIA L4|GPU-cccc;NVIDIA H200|GPU-aaaa";
  bench.make_baseline();
  CHECK(bench.perfgate({"--gpu", "h200"}).code == 0);
  // auto takes the first GPU, which has no baseline.
  const Outcome first = bench.perfgate({});
  CHECK(first.code == 3);
  CHECK_THAT(first.err, ContainsSubstring("no baseline for l4"));
  bench.env["CUDA_VISIBLE_DEVICES"] = "GPU-aaaa";
  CHECK(bench.perfgate({}).code == 0);
  bench.env["CUDA_VISIBLE_DEVICES"] = "";
  bench.env["CI"] = "1";
  const Outcome hidden = bench.perfgate({});
  CHECK(hidden.code == 3);
  CHECK_THAT(hidden.err, ContainsSubstring("CUDA_VISIBLE_DEVICES hides every GPU"));
}

TEST_CASE("no baseline is no verdict, before anything is measured", "[gpu]") {
  Bench bench;
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("no baseline for h200") &&
                              ContainsSubstring("perfgate baseline refresh --gpu h200"));
  CHECK_FALSE(std::filesystem::exists(bench.root() / "runner-state"));
}

TEST_CASE("a run of another GPU model is not judged by this one's baseline", "[gpu]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = "othergpu";
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("NVIDIA L4") && ContainsSubstring("NVIDIA H200"));
}

TEST_CASE("a runner that measured another board than was chosen is no verdict", "[gpu]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = "otherboard";
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("GPU-ffff"));
}

TEST_CASE("the whole of a run only reads the driver", "[gpu]") {
  Bench bench;
  bench.make_baseline();
  const std::string log = (bench.root() / "nvml.log").string();
  bench.env["FAKE_NVML_LOG"] = log;
  CHECK(bench.perfgate({}).code == 0);
  CHECK_THAT(read_file(log), ContainsSubstring("nvmlDeviceGetUUID") && !ContainsSubstring("Set"));
}
