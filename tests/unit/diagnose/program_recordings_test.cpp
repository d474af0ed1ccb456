// SPDX-License-Identifier: Apache-2.0
// Judges recorded runs of a PyTorch program (tests/recordings/programs): what was planted in each
// is known.
#include <algorithm>

#include "gate/report/make_report.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

Report judged_program(const std::string& head) {
  const Policy policy = parse_policy(source_file("configs/perfgate.toml"), "perfgate.toml");
  return make_report(recorded("programs/" + head), make_baseline(recorded("programs/base")),
                     policy.judge);
}

std::ptrdiff_t how_many(const Report& report, Verdict verdict) {
  return std::count_if(report.cases.begin(), report.cases.end(),
                       [&](const CaseReport& one) { return one.verdict() == verdict; });
}

const CaseReport& range_of(const Report& report) {
  return *std::find_if(report.cases.begin(), report.cases.end(),
                       [](const CaseReport& one) { return one.part == "range"; });
}

}  // namespace

TEST_CASE("a program that was not changed passes, kernel by kernel", "[program_recordings]") {
  const Report report = judged_program("unchanged");
  CHECK(report.cases.size() == 31);
  CHECK(how_many(report, Verdict::pass) == 31);
}

TEST_CASE("every kernel of a recorded program has the hash of its code", "[program_recordings]") {
  for (const ProcessRecord& process : recorded("programs/base").processes)
    for (const CaseKernels& of_case : process.kernels)
      for (const KernelLaunch& launch : of_case.launches) CHECK_FALSE(launch.code.empty());
}

TEST_CASE("a slower operator is found in its range and named", "[program_recordings]") {
  const Report report = judged_program("slower");
  const CaseReport& range = range_of(report);
  CHECK(range.verdict() == Verdict::regressed);
  CHECK(how_many(report, Verdict::regressed) == 1);
  CHECK(range.cause == Cause::kernels);
  CHECK_THAT(range.explanation, ContainsSubstring("gemm#4: nvjet_sm90_hsh_128x8"));
  CHECK_THAT(range.explanation, ContainsSubstring("nvjet_sm90_hsh_256x8"));
  REQUIRE(range.change);
  CHECK(range.change->effect > 0.13);
  CHECK(range.change->effect < 0.16);
}

TEST_CASE("one kernel more is told, also where the range is not slower by it",
          "[program_recordings]") {
  const Report report = judged_program("kernel");
  CHECK(range_of(report).verdict() == Verdict::pass);
  CHECK(how_many(report, Verdict::regressed) == 0);
  CHECK(std::any_of(report.notes.begin(), report.notes.end(), [](const std::string& note) {
    return note.find("one at::native::vectorized_elementwise_kernel more") != std::string::npos;
  }));
}
