// SPDX-License-Identifier: Apache-2.0
// Explains real pairs of runs: in each, one thing was changed on purpose (tests/recordings/pairs),
// so the expected sentence is known from the change.
#include <array>
#include <cmath>

#include "gate/diagnose/diagnosis.h"
#include "gate/report/make_report.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

RunRecord recorded(const std::string& name) {
  const std::string path = "tests/recordings/pairs/" + name + ".json";
  return read_record(source_file(path), path);
}

CaseReport explained(const std::string& head, const std::string& base) {
  const RunRecord run = recorded(head);
  const Baseline baseline = make_baseline(recorded(base));
  Report report = make_report(run, baseline, strict_policy());
  REQUIRE(report.cases.size() == 1);
  return report.cases[0];
}

}  // namespace

namespace {

struct Pair {
  const char *head, *base;
  Cause cause;
  const char *title, *evidence;
};
constexpr std::array<Pair, 6> pairs{{
    {"instructions", "silu-base", Cause::work, "more work", "instructions +1300.8 %"},
    {"coalescing", "silu-base", Cause::coalescing, "worse coalescing",
     "L1 sectors a request 16.0 to 32.0"},
    {"latency", "silu-base", Cause::latency, "longer waits", "stall_sleeping"},
    // The code is the same, a constant argument is not.
    {"locality", "locality-base", Cause::locality, "locality lost", "L2 hit rate 41 to 27 %"},
    {"occupancy", "attention-base", Cause::occupancy, "lower occupancy",
     "3 to 1 block an SM, limited by shared memory"},
    // More splits of a context give more blocks, each with its own start and end.
    {"split", "split-base", Cause::work, "more work", "launch changed (grid 344x1x1 to "},
}};

}  // namespace

TEST_CASE("the title names the cause that was planted, and no other stands above it", "[pairs]") {
  for (const Pair& pair : pairs) {
    INFO(pair.head);
    const CaseReport one = explained(pair.head, pair.base);
    INFO(one.explanation);
    CHECK(one.cause == pair.cause);
    REQUIRE_FALSE(one.causes.empty());
    CHECK(one.causes[0].cause == pair.cause);
    CHECK(one.causes[0].share >= 0.5);
    CHECK(cause_title(one.cause, one.change) == pair.title);
    CHECK_THAT(one.explanation, ContainsSubstring(pair.evidence));
  }
}

TEST_CASE("an argument that moves more bytes is not called the machine", "[pairs]") {
  const RunRecord run = recorded("locality");
  JudgePolicy policy = strict_policy();
  policy.metric_tolerances = {{"hbm_read", "*", 0.005, 1e5, "test"}};
  const Report report = make_report(run, make_baseline(recorded("locality-base")), policy);
  CHECK(report.cases[0].reason == Reason::environment);  // the counter scatters: it proves nothing
  CHECK_THAT(
      report.cases[0].why,
      ContainsSubstring("an argument, the data or what the caches held, by DRAM bytes read") &&
          !ContainsSubstring("the machine, or"));
}

TEST_CASE("launches alone tell the occupancy, without any counter", "[pairs]") {
  RunRecord run = recorded("occupancy"), base = recorded("attention-base");
  for (RunRecord* record : {&run, &base})
    std::erase_if(record->processes, [](const ProcessRecord& process) {
      return process.kind == ProcessKind::counters;
    });
  const Report report = make_report(run, make_baseline(base), strict_policy());
  CHECK(report.cases[0].cause == Cause::occupancy);
  CHECK_THAT(report.cases[0].explanation, ContainsSubstring("no counters on both sides"));
}

TEST_CASE("in records of today the parts of the split are the whole change", "[pairs]") {
  for (const char* head : {"instructions", "coalescing", "latency"}) {
    const CaseReport one = explained(head, "silu-base");
    REQUIRE(one.split);
    CHECK_THAT(one.split->instructions + one.split->ipc + one.split->clock,
               WithinAbs(std::log(one.split->head_s / one.split->base_s), 1e-3));
  }
}
