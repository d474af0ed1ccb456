// SPDX-License-Identifier: Apache-2.0
// Cases, samples and metrics of what the injection library saw. The expected times are the
// arithmetic of the starts and ends that the test writes down.
#include "gate/program/program_measurement.h"

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

ProgramSpec spec_of(int occurrences) {
  ProgramSpec spec;
  spec.name = "app";
  spec.command = {"app"};
  spec.ranges = {"step_*/"};
  spec.skip = 0;
  spec.occurrences = occurrences;
  return spec;
}

KernelLaunch launch(const std::string& name, int grid = 4) {
  return {name, {grid, 1, 1}, {128, 1, 1}, 32, 0};
}

/// Four occurrences of two kernels: 2 us, a gap of 10 us, 5 us; the second starts `overlap` early.
Observation two_kernels(std::int64_t overlap_ns = 0) {
  Observation process;
  process.pid = 1;
  process.launches = {launch("void norm<float>(float*)"), launch("nvjet_x")};
  process.graphs = process.in_graph = {false, false};
  for (std::int64_t i = 0; i < 4; ++i) {
    const std::int64_t at = i * 100000;
    process.names.push_back("step_" + std::to_string(i));
    const std::int64_t second = overlap_ns > 0 ? at + 2000 - overlap_ns : at + 12000;
    process.occurrences.push_back(
        {static_cast<std::size_t>(i), false, {0, 1}, {at, second}, {at + 2000, second + 5000}});
  }
  return process;
}

const Timing& timing(const ProcessRecord& process, const std::string& id) {
  for (const Timing& entry : process.timings)
    if (entry.case_id == id) return entry;
  throw std::runtime_error("no timing of " + id);
}

}  // namespace

TEST_CASE("a range and its kernels are cases", "[program_measurement]") {
  const ProgramSpec spec = spec_of(4);
  const auto ranges = ranges_of(spec, {two_kernels()});
  REQUIRE(ranges.size() == 1);
  CHECK(ranges[0].group == "app/step_{n}");
  CHECK(ranges[0].alike == 4);
  const std::vector<Case> cases = cases_of(ranges, 0);
  REQUIRE(cases.size() == 3);
  CHECK(cases[0].id == "app/step_{n}/norm");
  CHECK(cases[1].id == "app/step_{n}/nvjet_x");
  CHECK(cases[2].id == "app/step_{n}/range");
  CHECK(cases[2].whole_of == std::vector{cases[0].id, cases[1].id});
}

TEST_CASE("a range of plain launches takes its kernels' time, not the gaps",
          "[program_measurement]") {
  const ProgramSpec spec = spec_of(4);
  const auto ranges = ranges_of(spec, {two_kernels()});
  const ProcessRecord process = timing_process(spec, ranges, {two_kernels()});
  CHECK(timing(process, "app/step_{n}/norm").iq_mean_s == Approx(2e-6));
  CHECK(timing(process, "app/step_{n}/nvjet_x").iq_mean_s == Approx(5e-6));
  CHECK(timing(process, "app/step_{n}/range").iq_mean_s == Approx(7e-6));
  CHECK(timing(process, "app/step_{n}/range").count == 4);
  CHECK(process.failures.empty());
  CHECK(process.kernels.size() == 3);
}

TEST_CASE("a graph's range takes its span, and has no kernels of its own",
          "[program_measurement]") {
  const ProgramSpec spec = spec_of(4);
  Observation graph = two_kernels();
  graph.in_graph = {true, true};
  const auto ranges = ranges_of(spec, {graph});
  REQUIRE(cases_of(ranges, 0).size() == 1);
  const ProcessRecord process = timing_process(spec, ranges, {graph});
  CHECK(timing(process, "app/step_{n}/range").iq_mean_s == Approx(17e-6));
}

TEST_CASE("kernels that overlap are not cases", "[program_measurement]") {
  const ProgramSpec spec = spec_of(4);
  const Observation overlapping = two_kernels(1000);
  const auto ranges = ranges_of(spec, {overlapping});
  CHECK(ranges[0].overlaps);
  REQUIRE(cases_of(ranges, 0).size() == 1);
  // 2 us, then 5 us of which 1 us lies in the first.
  CHECK(timing(timing_process(spec, ranges, {overlapping}), "app/step_{n}/range").iq_mean_s ==
        Approx(6e-6));
}

TEST_CASE("occurrences with other launches are left out, and too few are a failure",
          "[program_measurement]") {
  const ProgramSpec spec = spec_of(4);
  const auto ranges = ranges_of(spec, {two_kernels()});
  Observation odd = two_kernels();
  odd.occurrences[3].launches = {0};
  odd.occurrences[3].start_ns.resize(1);
  odd.occurrences[3].end_ns.resize(1);
  CHECK(timing(timing_process(spec, ranges, {odd}), "app/step_{n}/range").count == 3);
  Observation few = two_kernels();
  few.occurrences.resize(2);
  const ProcessRecord process = timing_process(spec, ranges, {few});
  CHECK(process.timings.empty());
  REQUIRE(process.failures.size() == 3);
  CHECK_THAT(process.failures[0].why, ContainsSubstring("occurred 2 times, 4 are needed"));
}

TEST_CASE("ranges of two processes are told apart by their rank", "[program_measurement]") {
  Observation first = two_kernels(), second = two_kernels();
  first.rank = "0";
  second.rank = "1";
  const auto ranges = ranges_of(spec_of(4), {first, second});
  REQUIRE(ranges.size() == 2);
  CHECK(ranges[0].group == "app@rank0/step_{n}");
  CHECK(ranges[1].group == "app@rank1/step_{n}");
}

TEST_CASE("a kernel's filter makes each launch an occurrence", "[program_measurement]") {
  ProgramSpec spec = spec_of(4);
  spec.source = RangeSource::kernel;
  spec.ranges.clear();
  spec.kernels = {"regex:nvjet"};
  Observation whole = two_kernels();
  const auto ranges = ranges_of(spec, {whole});
  REQUIRE(ranges.size() == 1);
  CHECK(ranges[0].group == "app/nvjet_x");
  CHECK(timing(timing_process(spec, ranges, {whole}), "app/nvjet_x/range").iq_mean_s ==
        Approx(5e-6));
}

TEST_CASE("counters go to the range and, where they are of the same launches, to its kernels",
          "[program_measurement]") {
  const ProgramSpec spec = spec_of(4);
  const auto ranges = ranges_of(spec, {two_kernels()});
  Observation counted;
  counted.names = {"step_9"};
  CountedRange range;
  range.operators = {"norm<float>", "nvjet_x"};
  range.kernels = {{"0", {{"instructions", 10}}}, {"1", {{"instructions", 20}}}};
  range.whole = CaseMetrics{"", {{"instructions", 30}}};
  range.passes = 8;
  range.repetitions = 2;
  counted.counted = {range};
  const ProcessRecord process = counters_process(spec, ranges, {counted});
  REQUIRE(process.metrics.size() == 3);
  CHECK(process.metrics[0].case_id == "app/step_{n}/range");
  CHECK(process.metrics[0].values.at("instructions") == 30);
  CHECK(process.metrics[2].case_id == "app/step_{n}/nvjet_x");
  CHECK(process.metrics[2].values.at("instructions") == 20);
  CHECK(process.passes == 8);
}
