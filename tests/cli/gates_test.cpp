// SPDX-License-Identifier: Apache-2.0
// Two gates at once on one GPU and in one folder: one measures and the other says who does, and no
// file is a mixture of both.
#include <future>

#include "tests/support/catch.h"
#include "tests/support/step.h"

using perfgate::read_file;

namespace {

struct Both {
  Outcome first, second;
};

Both at_once(const Bench& bench, const std::vector<std::string>& first,
             const std::vector<std::string>& second) {
  auto other = std::async(std::launch::async, [&] { return bench.perfgate(second); });
  const Outcome outcome = bench.perfgate(first);
  return {outcome, other.get()};
}

/// One of them at least measured; one that did not says which process kept it from that.
void check_both(const Both& both) {
  CHECK((both.first.code == 0 || both.second.code == 0));
  for (const Outcome& outcome : {both.first, both.second}) {
    INFO(outcome.err);
    CHECK((outcome.code == 0 || outcome.code == 3));
    if (outcome.code == 3) CHECK_THAT(outcome.err, ContainsSubstring("another perfgate (process "));
  }
}

}  // namespace

TEST_CASE("two gates at once: one verdict at least, and whole files", "[gates]") {
  Bench bench;
  bench.make_baseline();
  bench.change_baseline("clocks = \"observe\"", "clocks = \"lock\"");
  bench.env["FAKE_NVML_LOG"] = (bench.root() / "nvml.log").string();
  for (int i = 0; i < 5; ++i) {
    // The slow runner makes them meet; where they do not, both measure.
    bench.env["FAKE_RUNNER"] = i % 2 == 0 ? "takes:50" : "";
    const std::vector<std::string> check{"--json", "r.json", "--lock-clocks"};
    check_both(at_once(bench, check, check));
    CHECK_NOTHROW(perfgate::parse_json(read_file(bench.root() / "r.json"), "r.json"));
    CHECK(bench.strays() == std::vector<std::string>{});
    const std::string log = read_file(bench.root() / "nvml.log");
    CHECK(log.rfind("ResetGpuLockedClocks") > log.rfind("SetGpuLockedClocks"));
  }
}

TEST_CASE("two refreshes at once leave one whole baseline", "[gates]") {
  Bench bench;
  for (int i = 0; i < 3; ++i) {
    check_both(at_once(bench, {"baseline", "refresh"}, {"baseline", "refresh"}));
    CHECK(bench.perfgate({"baseline", "lint"}).code == 0);
    CHECK(bench.strays() == std::vector<std::string>{});
  }
}

TEST_CASE("two results posted at once: every check run is completed", "[gates]") {
  Step step;
  const Both both = at_once(step.bench, {"publish", "pass.json", "--post", "check,comment"},
                            {"publish", "result.json", "--post", "check,comment"});
  CHECK(both.first.code == 0);
  CHECK(both.second.code == 1);
  // The later one updates the other's check run, where it already finds it.
  CHECK_FALSE(step.github.checks.empty());
  for (const perfgate::Json& check : step.github.checks) CHECK(check["status"] == "completed");
}
