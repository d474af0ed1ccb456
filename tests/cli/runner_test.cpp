// SPDX-License-Identifier: Apache-2.0
// A runner that misbehaves gives a verdict with a reason; it never ends the gate.
#include "tests/support/bench.h"
#include "tests/support/catch.h"

using perfgate::read_file;

namespace {

Bench bench_with(const std::string& script) {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = script;
  return bench;
}

std::string everything(const Outcome& outcome) {
  return outcome.out + outcome.err;
}

std::size_t processes_of(const Bench& bench) {
  return read_file(bench.root() / "runner-state").size();
}

}  // namespace

TEST_CASE("a runner that is not there is no verdict and is named", "[runner]") {
  Bench bench = bench_with("");
  bench.runner = "/none/perfgate-runner";
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("cannot start /none/perfgate-runner: No such file"));
  CHECK(bench.leftovers().empty());
}

TEST_CASE("a runner that crashes is no verdict, with its last words", "[runner]") {
  const Bench bench = bench_with("crash");
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 3);
  CHECK_THAT(everything(outcome), ContainsSubstring("was killed by SIGABRT") &&
                                      ContainsSubstring("CUDA error: an illegal memory access"));
  // Each kind is tried twice, then abandoned: more crashes would only cost time.
  CHECK(processes_of(bench) == 4);
  CHECK(bench.leftovers().empty());
}

TEST_CASE("one crash is repeated, judged and noted", "[runner]") {
  const Bench bench = bench_with("crash-once");
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out,
             ContainsSubstring("note: counters process 1 of 5: the runner was killed by"));
  CHECK(processes_of(bench) == 5);
}

TEST_CASE("a run that is complete after a repeat is a good run", "[runner]") {
  CHECK(bench_with("crash-once").perfgate({"run", "-o", "run.json"}).code == 0);
}

TEST_CASE("one process of a run is asked for the timeline, and once more when it died",
          "[runner]") {
  const auto timelines = [](const std::string& script) {
    const Bench bench = bench_with(script);
    CHECK(bench.perfgate({"run", "-o", "run.json"}).code == 0);
    std::vector<std::size_t> counts;
    for (const perfgate::ProcessRecord& process :
         perfgate::read_record(read_file(bench.root() / "run.json"), "run.json").processes)
      counts.push_back(process.timelines.size());
    return counts;
  };
  // The counters come first, then three timing processes; one workload has a timeline as a graph
  // and one by calls.
  CHECK(timelines("") == std::vector<std::size_t>{0, 2, 0, 0});
  CHECK(timelines("crash-timing-once") == std::vector<std::size_t>{0, 0, 2, 0, 0});
}

TEST_CASE("two good processes are judged though the third died", "[runner]") {
  const Outcome outcome = bench_with("crash-after:3").perfgate({});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, ContainsSubstring("note: timing process 4 of 5: the runner was killed"));
  const Outcome one = bench_with("crash-after:2").perfgate({});
  CHECK(one.code == 3);
  CHECK_THAT(one.last_line(), ContainsSubstring("0 passed, 11 missing"));
}

TEST_CASE("durations are judged though the counters died", "[runner]") {
  const Outcome outcome = bench_with("crash-counters").perfgate({});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out,
             ContainsSubstring("note: counters process 1 of 5: the runner was killed") &&
                 ContainsSubstring("no counters in this run"));
  CHECK_THAT(outcome.last_line(), StartsWith("perfgate: PASS: 11 passed"));
}

TEST_CASE("a runner that exits 3 is no verdict, with its message", "[runner]") {
  const Outcome outcome = bench_with("exit3").perfgate({});
  CHECK(outcome.code == 3);
  CHECK_THAT(everything(outcome),
             ContainsSubstring("exited with status 3: perfgate-runner: no device 0"));
}

TEST_CASE("what the runner refuses is bad usage: reported once, and not tried again", "[runner]") {
  for (const auto& [script, processes] :
       {std::pair{"refuse", 1U}, std::pair{"refuse-timing", 2U}}) {
    INFO(script);
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--json", "r.json"},
                                                      {"run", "-o", "r.json"},
                                                      {"baseline", "refresh", "-o", "r.json"}}) {
      const Bench bench = bench_with(script);
      const Outcome outcome = bench.perfgate(arguments);
      CHECK(outcome.code == 2);
      CHECK_THAT(outcome.err, EndsWith("perfgate: error: backend own: use --backend auto\n"));
      CHECK(outcome.out.empty());
      CHECK(processes_of(bench) == processes);
      CHECK_FALSE(std::filesystem::exists(bench.root() / "r.json"));
      CHECK(bench.leftovers().empty());
    }
  }
}

TEST_CASE("an exit code 2 without the runner's words is a runner that died", "[runner]") {
  const Bench bench = bench_with("exit2");
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 3);
  CHECK_THAT(everything(outcome), ContainsSubstring("exited with status 2: Run with --help."));
  CHECK(processes_of(bench) == 4);
}

TEST_CASE("a runner without a usable answer is no verdict", "[runner]") {
  for (const auto& [script, reason] :
       {std::pair{"garbage", "wrote no usable record"}, std::pair{"half", "ends too early"},
        std::pair{"nothing", "wrote no usable record"}, std::pair{"otherplan", "another plan"}}) {
    const Bench bench = bench_with(script);
    const Outcome outcome = bench.perfgate({});
    INFO(script);
    CHECK(outcome.code == 3);
    CHECK_THAT(everything(outcome), ContainsSubstring(reason));
    CHECK(bench.leftovers().empty());
  }
}

TEST_CASE("a runner that hangs is killed and named", "[runner]") {
  const Bench bench = bench_with("hang");
  bench.change_policy("timeout_s = 60", "timeout_s = 1");
  Leash leash;
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 3);
  CHECK_THAT(everything(outcome), ContainsSubstring("was killed after 1 s"));
  CHECK(leash.all_gone());
  CHECK(bench.leftovers().empty());
}

TEST_CASE("a long log does no harm", "[runner]") {
  CHECK(bench_with("big-log").perfgate({}).code == 0);
}

TEST_CASE("an interrupt exits 130 and leaves nothing behind", "[runner]") {
  const Bench bench = bench_with("interrupt");
  Leash leash;
  const Outcome outcome = bench.perfgate({"--json", "r.json"});
  CHECK(outcome.code == 130);
  CHECK_THAT(outcome.err, ContainsSubstring("interrupted"));
  CHECK(leash.all_gone());
  CHECK(bench.leftovers().empty());
  CHECK_FALSE(std::filesystem::exists(bench.root() / "r.json"));
}

TEST_CASE("an answer that is no regular file is refused at once", "[runner]") {
  for (const auto& [script, reason] :
       {std::pair{"link:/dev/zero", "is a link, which is refused"},
        std::pair{"link:/proc/self/environ", "is a link, which is refused"},
        std::pair{"fifo", "is no regular file, which is refused"}}) {
    const Bench bench = bench_with(script);
    const Outcome outcome = bench.perfgate({});
    INFO(script);
    CHECK(outcome.code == 3);
    CHECK_THAT(everything(outcome),
               ContainsSubstring("wrote no usable record") && ContainsSubstring(reason));
    CHECK(bench.leftovers().empty());
  }
}
