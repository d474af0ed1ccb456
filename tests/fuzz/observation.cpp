// SPDX-License-Identifier: Apache-2.0
// A program under test writes its per-process record itself: it is refused with a sentence, or is
// written as it was read, and becomes ranges, cases and processes.
#include "gate/program/observation.h"

#include "gate/program/program_measurement.h"
#include "tests/fuzz/engine/target.h"

using namespace perfgate;

const InputForm input_form = InputForm::json;
const std::size_t longest_input = 8000;

std::vector<std::string> seeds() {
  Observation out;
  out.pid = 42;
  out.program = "python3.12";
  out.complete = out.nvtx = true;
  out.names = {"step_5", "other"};
  out.launches = {{"norm<float>", {1, 2, 3}, {128, 1, 1}, 32, 1024},
                  {"gemm", {4, 1, 1}, {1, 1, 1}}};
  out.graphs = {false, false};
  out.in_graph = {false, false};
  for (std::int64_t i = 0; i < 3; ++i)
    out.occurrences.push_back(
        {0, false, {0, 1}, {100 * i, 100 * i + 30}, {100 * i + 20, 100 * i + 90}});
  CountedRange counted;
  counted.operators = {"norm", "gemm"};
  counted.kernels = {{"0", {{"instructions", 7}}, {{"instructions", Stability::exact}}, {}},
                     {"1", {{"instructions", 9}}, {{"instructions", Stability::exact}}, {}}};
  counted.passes = 1;
  counted.repetitions = 3;
  Observation counters = out;
  counters.counted = {counted};
  Observation graph = out;
  graph.rank = "1";
  graph.graphs = {true, false};
  graph.in_graph = {false, true};
  graph.occurrences[0].captured = true;
  return {write_observation(out), write_observation(counters), write_observation(graph)};
}

void try_input(std::string_view input) {
  Observation read;
  if (!accepted([&] { read = read_observation(input, "42.json"); })) return;
  const std::string text = write_observation(read);
  require(write_observation(read_observation(text, "again")) == text);
  ProgramSpec spec;
  spec.name = "app";
  spec.command = {"app"};
  spec.ranges = {"step_5"};
  spec.skip = 0;
  spec.occurrences = 2;
  (void)accepted([&] {
    const std::vector<ProgramRange> ranges = ranges_of(spec, {read, read});
    (void)cases_of(ranges, 0);
    (void)timing_process(spec, ranges, {read});
    (void)counters_process(spec, ranges, {read});
  });
}
