// SPDX-License-Identifier: Apache-2.0
// Explains real pairs of runs: in each, one thing was changed on purpose (tests/recordings/pairs),
// so the expected sentence is known from the change.
#include <cmath>

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

TEST_CASE("the sentence names the cause that was planted", "[pairs]") {
  struct Pair {
    const char *head, *base;
    Cause cause;
    const char* words;
  };
  for (const Pair& pair : {
           Pair{"instructions", "silu-base", Cause::instructions, "more work"},
           Pair{"coalescing", "silu-base", Cause::coalescing, "worse coalescing"},
           Pair{"latency", "silu-base", Cause::stalls, "stall_sleeping"},
           Pair{"locality", "locality-base", Cause::locality, "locality lost"},
           Pair{"occupancy", "attention-base", Cause::occupancy, "fewer warps"},
           // More splits of a context give more blocks, each with its own start and end.
           Pair{"split", "split-base", Cause::instructions, "launch changed (grid 344x1x1 to "},
       }) {
    INFO(pair.head);
    const CaseReport one = explained(pair.head, pair.base);
    CHECK(one.cause == pair.cause);
    CHECK_THAT(one.explanation, ContainsSubstring(pair.words));
  }
}

TEST_CASE("in records of today the parts of the split are the whole change", "[pairs]") {
  for (const char* head : {"instructions", "coalescing", "latency"}) {
    const CaseReport one = explained(head, "silu-base");
    REQUIRE(one.split);
    CHECK_THAT(one.split->instructions + one.split->ipc + one.split->clock,
               WithinAbs(std::log(one.split->head_s / one.split->base_s), 1e-3));
  }
}
