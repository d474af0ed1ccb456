// SPDX-License-Identifier: Apache-2.0
// The per-process record: what is written is read back, and what contradicts itself is refused.
#include "gate/program/observation.h"

#include "gate/program/program_request.h"
#include "gate/util/error.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

Observation sample() {
  Observation out;
  out.pid = 42;
  out.program = "python3.12";
  out.rank = "1";
  out.complete = out.nvtx = true;
  out.names = {"step_5"};
  out.launches = {{"norm", {1, 2, 3}, {128, 1, 1}, 32, 1024}};
  out.graphs = {false};
  out.in_graph = {true};
  out.streams = {7};
  out.occurrences = {{0, true, {0, 0}, {0, 20}, {10, 50}}};
  CountedRange counted;
  counted.operators = {"norm"};
  counted.kernels = {{"0", {{"instructions", 7}}, {{"instructions", Stability::exact}}, {}}};
  counted.whole = CaseMetrics{"", {{"instructions", 7}}, {{"instructions", Stability::exact}}, {}};
  counted.passes = 8;
  counted.repetitions = 3;
  out.counted = {counted};
  out.absent = {{"nvlink", "not on this chip"}};
  out.seen = {{"NCCL", "all_reduce", false, 3}, {"", "epoch", true, 1}};
  out.failures = {"CUPTI dropped 2 records"};
  out.refused = true;
  out.lost = 1;
  out.other_threads = 2;
  return out;
}

}  // namespace

TEST_CASE("an observation is read as it was written", "[observation]") {
  const std::string text = write_observation(sample());
  const Observation read = read_observation(text, "42.json");
  CHECK(write_observation(read) == text);
  CHECK(read.in_graph[0]);
  CHECK(read.occurrences[0].captured);
  CHECK(read.counted[0].kernels[0].values.at("instructions") == 7);
  CHECK(read.seen[1].start_end);
  CHECK(read.refused);
  CHECK(read.streams == std::vector{7});
}

TEST_CASE("a contradictory observation is refused with its place", "[observation]") {
  const auto refused = [](std::string from, const std::string& to, const std::string& said) {
    std::string text = write_observation(sample());
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    try {
      read_observation(text, "42.json");
    } catch (const UsageError& error) {
      CHECK_THAT(error.what(), ContainsSubstring(said));
      return;
    }
    FAIL("accepted: " << to);
  };
  refused("\"end_ns\":[10,50]", "\"end_ns\":[10,19]", "ends before it starts");
  refused("\"end_ns\":[10,50]", "\"end_ns\":[10]", "needs a start and an end");
  refused("\"launches\":[0,0]", "\"launches\":[0,1]", "launches");
  refused("\"schema\": 1", "\"schema\": 9", "schema");
  refused("\"graph\":\"node\"", "\"graph\":\"nodes\"", "expected 'whole' or 'node'");
  refused("\"lost\": 1", "\"lost\": -1", "lost");
  refused("\"lost\": 1", "\"lost\": 1, \"lst\": 1", "lst");
}

TEST_CASE("a request is read as it was written", "[observation]") {
  ProgramRequest request;
  request.mode = ProgramMode::count_ranges;
  request.source = RangeSource::kernel;
  request.scope = LaunchScope::process;
  request.include = {"a/"};
  request.kernels = {"regex:gemm"};
  request.skip = 5;
  request.occurrences = 40;
  request.whole_graphs = true;
  request.repetitions = 3;
  request.folder = "/tmp/x";
  request.metrics = {simple_metric("instructions", Unit::count)};
  const std::string text = write_program_request(request);
  CHECK(write_program_request(read_program_request(text, "request.json")) == text);
}
