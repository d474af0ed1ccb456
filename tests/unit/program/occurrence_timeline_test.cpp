// SPDX-License-Identifier: Apache-2.0
// One occurrence kernel by kernel. The expected times are the arithmetic of the starts and ends
// that the test writes down.
#include "gate/program/occurrence_timeline.h"

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

KernelLaunch kernel_named(const std::string& name) {
  return {name, {4, 1, 1}, {128, 1, 1}, 32, 0};
}

/// Three occurrences of a GEMM twice and a norm on another stream: the norm, which starts first,
/// takes 1, 2 and 3 us, a GEMM 5 us.
Observation three() {
  Observation process;
  process.launches = {kernel_named("gemm"), kernel_named("norm"), kernel_named("gemm")};
  process.graphs = process.in_graph = {false, false, false};
  process.streams = {7, 13, -1};
  for (std::int64_t i = 0; i < 3; ++i) {
    const std::int64_t at = 1000000 * i + 500, norm = 1000 * (i + 1);
    process.occurrences.push_back({0,
                                   false,
                                   {0, 1, 2},
                                   {at + norm, at, at + norm + 5000},
                                   {at + norm + 5000, at + norm, at + norm + 10000}});
  }
  return process;
}

const std::vector<std::string> three_parts{"gemm#1", "norm", "gemm#2"};

std::vector<const Occurrence*> all_of(const Observation& process) {
  std::vector<const Occurrence*> out;
  for (const Occurrence& occurrence : process.occurrences) out.push_back(&occurrence);
  return out;
}

}  // namespace

TEST_CASE("the occurrence of median span is shown in the order of its starts",
          "[occurrence_timeline]") {
  const Observation process = three();
  const StepTimeline timeline = typical_occurrence(process, all_of(process), three_parts, "range");
  REQUIRE(timeline.kernels.size() == 3);
  CHECK(timeline.kernels[0].start_s == 0);
  CHECK(timeline.kernels[0].end_s == 2e-6);  // of the second occurrence
  CHECK(timeline.parts[timeline.kernels[0].part] == "norm");
  CHECK(timeline.kernels[0].stream == 13);
  CHECK(timeline.kernels[1].stream == 7);
  CHECK(timeline.kernels[1].start_s == 2e-6);
  CHECK(timeline.parts[timeline.kernels[2].part] == "gemm#2");
  CHECK_FALSE(timeline.kernels[2].stream);
  CHECK(timeline.kernels[2].end_s == 12e-6);
  CHECK(timeline.whole == "range");
}

TEST_CASE("durations are of all occurrences, whatever the stream", "[occurrence_timeline]") {
  const Observation process = three();
  const StepTimeline timeline = typical_occurrence(process, all_of(process), three_parts, "");
  CHECK(timeline.steps == 3);
  REQUIRE(timeline.launches.size() == 2);
  REQUIRE(timeline.all.size() == 2);
  CHECK(timeline.launches[timeline.all[0].launch].name == "gemm");
  CHECK(timeline.all[0].instances == 6);
  CHECK(timeline.all[0].total_s == Approx(30e-6));
  CHECK(timeline.all[1].min_s == 1e-6);
  CHECK(timeline.all[1].median_s == 2e-6);
  CHECK(timeline.all[1].max_s == 3e-6);
}

TEST_CASE("a timeline is bounded, and says what it leaves out", "[occurrence_timeline]") {
  Observation process = three();
  Occurrence many;
  for (std::size_t i = 0; i < most_kernels_shown + 3; ++i) {
    const auto at = static_cast<std::int64_t>(10 * i);
    many.launches.push_back(0);
    many.start_ns.push_back(at);
    many.end_ns.push_back(at + 10);
  }
  process.occurrences = {many};
  const StepTimeline timeline = typical_occurrence(
      process, all_of(process), std::vector<std::string>(many.launches.size(), "gemm"), "range");
  CHECK(timeline.kernels.size() == most_kernels_shown);
  CHECK(timeline.not_shown == 3);
  CHECK(timeline.all[0].instances == static_cast<int>(most_kernels_shown) + 3);
}
