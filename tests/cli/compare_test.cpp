// SPDX-License-Identifier: Apache-2.0
// Tests run, compare and list.
#include <array>
#include "gate/util/json_object.h"

#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"

using namespace perfgate;

TEST_CASE("run measures and keeps every sample, without a baseline", "[compare]") {
  Bench bench;
  const Outcome outcome = bench.perfgate({"run", "-o", "run.json"});
  CHECK(outcome.code == 0);
  const RunRecord run = read_record(read_file(bench.root() / "run.json"), "run.json");
  CHECK(run.gpu_id == "h200");
  CHECK(run.gpu->driver == "570.86.15");  // this comes from NVML: the runner does not know it
  CHECK(run.gpu->power_limit_w == 700.5);
  REQUIRE(run.processes.size() == 4);
  // The counters come first: the first process on an idle GPU must not be a timing process.
  CHECK(run.processes[0].kind == ProcessKind::counters);
  REQUIRE(run.processes[1].timings.size() == 11);
  CHECK(run.processes[1].timings[0].samples_s.size() == 3);
  CHECK_THAT(run.command, StartsWith("perfgate run -o run.json"));
  CHECK(run.created.size() == std::string("2025-01-02T03:04:05Z").size());
}

TEST_CASE("run without a file is bad usage, and - is stdout", "[compare]") {
  const Bench bench;
  const Outcome outcome = bench.perfgate({"run"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("perfgate run -o RUN.json"));
  const Outcome to_stdout = bench.perfgate({"run", "-o", "-"});
  CHECK(to_stdout.code == 0);
  CHECK(read_record(to_stdout.out, "stdout").processes.size() == 4);
}

TEST_CASE("check -o keeps the run, and - is stdout there, too", "[compare]") {
  Bench bench;
  bench.make_baseline();
  CHECK(bench.perfgate({"-o", "kept.json"}).code == 0);
  CHECK(read_record(read_file(bench.root() / "kept.json"), "f").processes.size() == 4);
  bench.perfgate({"-o", "-"});
  CHECK_FALSE(std::filesystem::exists(bench.root() / "-"));
}

TEST_CASE("a saved run is judged as a live one", "[compare]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.1";
  CHECK(bench.perfgate({"run", "-o", "a.json"}).code == 0);
  bench.env["PERFGATE_NVML"] = "/none";  // no GPU is needed from here on
  bench.env["CI"] = "1";
  const Outcome outcome = bench.perfgate({"compare", "a.json"});
  CHECK(outcome.code == 1);
  CHECK(outcome.last_line() == "perfgate: FAIL: 1 regressed, 10 passed (h200)");
  CHECK_THAT(outcome.out, StartsWith("saved run"));
}

TEST_CASE("a run against another run or another baseline", "[compare]") {
  const Bench bench;
  bench.save_run("base.json", "slow:*/o_proj:1.2");
  bench.save_run("head.json");
  const Outcome faster = bench.perfgate({"compare", "head.json", "--against", "base.json"});
  CHECK(faster.code == 0);
  CHECK_THAT(faster.last_line(), ContainsSubstring("10 passed, 1 improved"));
  const Outcome slower = bench.perfgate({"compare", "base.json", "--against", "head.json"});
  CHECK(slower.code == 1);
  bench.make_baseline("slow:*/o_proj:0.8");
  std::filesystem::rename(bench.baseline(), bench.root() / "mine.toml");
  CHECK(bench.perfgate({"compare", "head.json", "--against", "mine.toml"}).code == 1);
  CHECK(bench.perfgate({"compare", "head.json", "--baseline", "mine.toml"}).code == 1);
  CHECK(bench.perfgate({"compare", "head.json", "--baseline", "base.json"}).code == 0);
  CHECK(bench.perfgate({"compare", "head.json", "--against", "none.toml"}).code != 0);
}

TEST_CASE("a saved run of another GPU than asked for is no verdict", "[compare]") {
  Bench bench;
  bench.make_baseline();
  bench.save_run("a.json");
  const Outcome outcome = bench.perfgate({"compare", "a.json", "--gpu", "a100"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err,
             ContainsSubstring("--gpu a100") && ContainsSubstring("h200 (NVIDIA H200)"));
}

TEST_CASE("a part of a saved run is a run that can be read again", "[compare]") {
  Bench bench;
  bench.make_baseline();
  bench.save_run("a.json");
  const Outcome part = bench.perfgate({"compare", "a.json", "--only", "*/o_proj"});
  CHECK(part.code == 0);
  CHECK(part.last_line() == "perfgate: PASS: 1 passed (h200)");
  CHECK(bench.perfgate({"compare", "a.json", "--only", "*/none"}).code == 2);
  CHECK(bench.perfgate({"run", "--replay", "a.json", "--only", "*/o_proj", "-o", "b.json"}).code ==
        0);
  CHECK(bench.perfgate({"compare", "b.json"}).code == 0);
}

TEST_CASE("each --only has to match something", "[compare]") {
  Bench bench;
  bench.make_baseline();
  bench.save_run("a.json");
  for (const std::vector<std::string>& command : {std::vector<std::string>{"compare", "a.json"},
                                                  {"list"},
                                                  {"check"},
                                                  {"run", "-o", "b.json"},
                                                  {"run", "--replay", "a.json", "-o", "b.json"},
                                                  {"--replay", "a.json"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--only", "*/o_proj", "--only", "*/down_porj"});
    const Outcome outcome = bench.perfgate(arguments);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("--only */down_porj: matches no"));
  }
  CHECK_FALSE(std::filesystem::exists(bench.root() / "runner-state"));
}

TEST_CASE("five regressions fit a screen, the largest first", "[compare]") {
  Bench bench;
  bench.make_baseline();
  const std::string run = bench.save_run(
      "a.json",
      "slow:*/o_proj:1.05;slow:*/qkv_proj:1.1;slow:*/attention:1.3;slow:*/gate_up_proj:1.2;"
      "slow:*/down_proj:1.4");
  const Outcome outcome = bench.perfgate({"compare", run});
  CHECK(outcome.code == 1);
  const auto lines = split(outcome.out, '\n');
  CHECK(lines.size() <= 30);
  std::vector<std::string> slow;
  for (const std::string& line : lines)
    if (line.starts_with("regressed ")) slow.push_back(line);
  REQUIRE(slow.size() == 5);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK_THAT(slow[i], ContainsSubstring(std::array{"/down_proj", "/attention", "/gate_up_proj",
                                                     "/qkv_proj", "/o_proj"}[i]));
  // --all adds every case with its counters.
  CHECK_THAT(bench.perfgate({"compare", run, "--all"}).out,
             ContainsSubstring("\n\u2713 rotary ") && ContainsSubstring("L2 hit %"));
}

TEST_CASE("- is stdin, and --format prints a report on stdout", "[compare]") {
  Bench bench;
  bench.make_baseline();
  bench.save_run("a.json");
  bench.redirect = "<a.json";
  const Outcome piped = bench.perfgate({"compare", "-", "--format", "json"});
  CHECK(piped.code == 0);
  const Json result = parse_json(piped.out, "stdout");
  CHECK(result["verdict"] == "PASS");
  CHECK_THAT(piped.err, ContainsSubstring("perfgate: PASS: 11 passed"));
  write_file(bench.root() / "r.json", piped.out);
  bench.redirect = "<r.json";
  CHECK_THAT(bench.perfgate({"merge", "-", "--format", "markdown"}).out,
             StartsWith("### perfgate&#58; PASS"));
  bench.redirect = "</dev/null";
  CHECK_THAT(bench.perfgate({"compare", "-"}).err, ContainsSubstring("-: "));
  const Outcome twice = bench.perfgate({"compare", "a.json", "--format", "json", "--json", "r"});
  CHECK(twice.code == 2);
  CHECK_THAT(twice.err, ContainsSubstring("--format json prints what --json r writes"));
}

TEST_CASE("a run says which part of the plan it was cut down to", "[compare]") {
  Bench bench;
  bench.make_baseline();
  CHECK(bench.perfgate({"run", "-o", "a.json", "--only", "*_proj"}).code == 0);
  CHECK_THAT(read_file(bench.root() / "a.json"), ContainsSubstring("\"only\": [\"*_proj\"]"));
  CHECK(bench.perfgate({"compare", "a.json"}).last_line() == "perfgate: PASS: 4 passed (h200)");
  CHECK(bench.perfgate({"run", "--replay", "a.json", "-o", "b.json", "--only", "*/o_proj"}).code ==
        0);
  CHECK(bench.perfgate({"compare", "b.json"}).last_line() == "perfgate: PASS: 1 passed (h200)");
  // A plan that is smaller for any other reason owes the rest.
  bench.change_policy("models = [\"llama-2-7b\"]", "models = [\"llama-3.1-8b\"]");
  const Outcome other = bench.perfgate({});
  CHECK(other.code == 3);
  CHECK_THAT(other.flat(), ContainsSubstring("llama-2-7b/b1/s1024/fp16, 11 cases") &&
                               ContainsSubstring("this run did not plan it"));
  CHECK_THAT(other.last_line(), ContainsSubstring("22 missing"));
}

TEST_CASE("a run that is not fit to be judged judges no other", "[compare]") {
  const Bench bench;
  bench.save_run("head.json");
  for (const auto& [script, why] :
       {std::pair{"wrong:*/o_proj", "o_proj: its output is wrong"},
        std::pair{"kernels:*/silu_mul", "silu_mul: it ran other kernels"}}) {
    bench.save_run("base.json", script);
    const Outcome outcome = bench.perfgate({"compare", "head.json", "--against", "base.json"});
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring("--against base.json: ") && ContainsSubstring(why));
  }
}

TEST_CASE("list shows the plan without a GPU", "[compare]") {
  Bench bench;
  bench.env["PERFGATE_NVML"] = "/none";
  bench.env["CI"] = "1";
  const Outcome outcome = bench.perfgate({"list"});
  CHECK(outcome.code == 0);
  CHECK(outcome.last_line() == "11 cases");
  // 180355072 + 8192 + 44032 bytes are worked out in layer_model_test.cpp.
  CHECK_THAT(outcome.out, ContainsSubstring("llama-2-7b/b1/s1024/fp16/gate_up_proj 180.407 GEMM"));
  CHECK(bench.perfgate({"list", "--only", "*/layer"}).last_line() == "1 case");
}

TEST_CASE("--explain prints what a verdict rests on, and the verdict stays the last line",
          "[compare]") {
  const Bench bench;
  bench.make_baseline();
  const std::string run = bench.save_run("slow.json", "slow:*/o_proj:1.1");
  const std::string id = "llama-2-7b/b1/s1024/fp16/o_proj";
  const Outcome outcome = bench.perfgate({"compare", run, "--quiet", "--explain", id});
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.out, StartsWith("evidence: " + id + "\n"));
  for (const char* part :
       {"baseline   12 processes, median ", "screen     3 processes, median ", "change     +10.",
        "threshold  2.00 %: tolerance for '*' (test)", "among 11 cases (Holm", ": proved",
        "concluded  slower by more than the threshold", "verdict    regressed (slower)"})
    CHECK_THAT(outcome.out, ContainsSubstring(part));
  CHECK(outcome.last_line() == "perfgate: FAIL: 1 regressed, 10 passed (h200)");
  // A glob names several cases; a glob without a match is bad usage.
  CHECK_THAT(bench.perfgate({"compare", run, "--explain", "*_norm"}).out,
             ContainsSubstring("evidence: llama-2-7b/b1/s1024/fp16/post_norm"));
  const Outcome none =
      bench.perfgate({"compare", run, "--explain", "llama-2-7b/b1/s1024/fp16/oproj"});
  CHECK(none.code == 2);
  CHECK_THAT(none.err, ContainsSubstring("did you mean '" + id + "'?"));
}

TEST_CASE("a regression is annotated at the line of its kernel, else of the configuration",
          "[compare]") {
  Bench bench;
  bench.make_baseline();
  bench.save_run("slow.json", "slow:*/o_proj:1.1");
  const auto place = [&] {
    bench.perfgate({"compare", "slow.json", "--json", "result.json"});
    const Json result = parse_json(read_file(bench.root() / "result.json"), "result.json");
    for (const Json& entry : result["cases"]) {
      if (entry["verdict"] == "pass") CHECK_FALSE(entry.contains("place"));
      if (entry["verdict"] == "regressed")
        return entry["place"]["file"].get<std::string>() + ":" +
               std::to_string(entry["place"]["line"].get<int>());
    }
    return std::string();
  };
  CHECK(place() == "configs/perfgate.toml:2");
  bench.change_policy("[replay]",
                      "[[where]]\ncases = \"*/o_proj\"\nfiles = \"src/*.cu\"\n[replay]");
  CHECK_THAT(bench.perfgate({"compare", "slow.json"}).out,
             ContainsSubstring("note: [[where]]: there is no file src/*.cu"));
  std::filesystem::create_directories(bench.root() / "src/gemm");
  write_file(bench.root() / "src/gemm/skinny.cu", "\n__global__ void gemm(int) {}\n");
  CHECK(place() == "src/gemm/skinny.cu:1");  // the only file, whatever its kernels are called
  write_file(bench.root() / "src/kernel.cu", "\n__global__ void fake_kernel(int) {}\n");
  CHECK(place() == "src/kernel.cu:2");
  bench.change_policy("\"src/*.cu\"", "\"../*.cu\"");
  CHECK_THAT(bench.perfgate({"compare", "slow.json"}).err, ContainsSubstring("is no file below"));
}
