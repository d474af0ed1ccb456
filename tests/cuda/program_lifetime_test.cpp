// SPDX-License-Identifier: Apache-2.0
// The injection library in programs that fork, end threads and contexts, capture, wait for signals
// and run on: they notice nothing of it, and what they launched is seen as a whole.
#include "tests/cuda/gpu_bench.h"
#include "tests/support/catch.h"

using namespace perfgate;

namespace {

/// Profiles without counters, and returns what was seen.
RunRecord seen_of(const std::string& mode, std::vector<std::string> options) {
  const Bench bench = gpu_bench();
  options.push_back("--no-counters");
  const Outcome outcome = profile_on(bench, mode, options);
  INFO(mode << ":\n" << outcome.out << outcome.err);
  REQUIRE(outcome.code == 0);
  CHECK_THAT(outcome.flat() + outcome.err,
             !ContainsSubstring("left no record") && !ContainsSubstring("alike") &&
                 !ContainsSubstring("killed") && !ContainsSubstring("exited with status"));
  CHECK(bench.leftovers().empty());
  return record_of(bench);
}

const std::vector<std::string> outer_and_inner{"--nvtx-include", "outer*/", "--nvtx-include",
                                               "inner/"};

}  // namespace

TEST_CASE("the last occurrence is whole, though a range inside it was the last that was wanted",
          "[program_lifetime]") {
  const RunRecord run = seen_of("around", outer_and_inner);
  const TimedRange outer = range_of(run, "program/outer_{n}");
  CHECK(outer.kernels == Names{"norm_2", "add_3"});
  CHECK(outer.occurrences == 40);
}

TEST_CASE("helpers launch for the range that is open, also when one inside it has ended",
          "[program_lifetime]") {
  std::vector<std::string> options = outer_and_inner;
  options.insert(options.end(), {"--nvtx-push-pop-scope", "process"});
  const RunRecord run = seen_of("helpers", options);
  CHECK(range_of(run, "program/inner").kernels == Names{"gemm_45"});
  CHECK(range_of(run, "program/outer").kernels == Names{"add_3"});
}

TEST_CASE("a range whose thread has ended is over", "[program_lifetime]") {
  Bench bench = gpu_bench();
  bench.change_policy("timeout_s = 60", "timeout_s = 5");
  const Outcome outcome =
      profile_on(bench, "unpopped", {"--nvtx-include", "step/", "--no-counters"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.code == 0);
  CHECK(range_of(record_of(bench), "program/step").us == Approx(45));
}

TEST_CASE("all contexts are waited for", "[program_lifetime]") {
  CHECK(range_of(seen_of("contexts", {"--nvtx-include", "step/"}), "program/step").kernels ==
        Names{"gemm_45", "add_3"});
}

TEST_CASE("a context that is gone is not touched", "[program_lifetime]") {
  seen_of("context-ends", {"--range", "kernel", "-k", "regex:gemm"});
}

TEST_CASE("nothing is waited for while a graph is captured, however that began",
          "[program_lifetime]") {
  CHECK(range_of(seen_of("capture-to-graph", {"--nvtx-include", "step/"}), "program/step").us ==
        Approx(45));
}

TEST_CASE("signals are the program's", "[program_lifetime]") {
  seen_of("waits-for-signals", {"--nvtx-include", "inner/"});
}

TEST_CASE("a process may have no room for a thread of ours", "[program_lifetime]") {
  seen_of("without-threads", {"--nvtx-include", "inner/"});
}

TEST_CASE("a program that runs on takes no more memory", "[program_lifetime]") {
  seen_of("runs-on", {"--nvtx-include", "inner/", "--until", "exit"});
}

TEST_CASE("what was seen is written before CUDA's own exit, also when NVTX was called first",
          "[program_lifetime]") {
  CHECK(
      range_of(seen_of("nvtx-first", {"--range", "kernel", "-k", "regex:gemm"}), "program/gemm_45")
          .us == Approx(45));
}

TEST_CASE("a worker that is forked before CUDA is initialised is measured", "[program_lifetime]") {
  CHECK(range_of(seen_of("fork-before-cuda", {"--nvtx-include", "inner/"}), "program/inner")
            .kernels == Names{"gemm_45", "add_3"});
}

TEST_CASE("a launcher that has the ranges but no CUDA is not what is waited for",
          "[program_lifetime]") {
  CHECK(range_of(seen_of("launcher", {"--nvtx-include", "inner/"}), "program/inner").kernels ==
        Names{"gemm_45", "add_3"});
}

TEST_CASE("counters are of the range's own launches", "[program_lifetime]") {
  const Bench bench = gpu_bench();
  const Outcome outcome = profile_on(bench, "beside", {"--nvtx-include", "outer_*/"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.flat(),
             ContainsSubstring("other threads launch kernels while the range is counted"));
  CHECK(range_of(record_of(bench), "program/outer_{n}").us == Approx(50));
}
