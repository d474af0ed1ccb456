// SPDX-License-Identifier: Apache-2.0
// Each case gets one sentence: a rule gives it when its evidence is there, and not without it.
#include "gate/diagnose/diagnosis.h"
#include "gate/report/report.h"

#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const KernelLaunch gemm{"gemm<128>", {132, 1, 1}, {256, 1, 1}, 64, 1024, "0123456789abcdef"};

/// Returns a case that got slower by `factor`, as judged and in the counters alike: same work, same
/// clock, and an IPC that fell with it.
CaseReport slower_by(double factor) {
  CaseReport one;
  one.id = case_of("o_proj");
  one.reason = Reason::slower;
  one.base_s = 10e-6;
  one.head_s = 10e-6 * factor;
  one.change = Change{factor - 1, factor - 1.001, factor - 0.999, 0.002};
  one.code = CodeMatch::same;
  one.launches = one.base_launches = {gemm};
  one.metrics = {{"gpu_time", {12e-6, 12e-6 * factor}},
                 {"instructions", {1e6, 1e6}},
                 {"ipc", {0.25, 0.25 / factor}},
                 {"sm_clock", {1.8e9, 1.8e9}},
                 {"hbm_read", {33e6, 33e6}},
                 {"hbm_write", {1e6, 1e6}},
                 {"l2_hit_rate", {0.61, 0.61}},
                 {"l2_sectors_sm", {1e6, 1e6}}};
  return one;
}

void change(CaseReport& one, const std::string& metric, double factor) {
  *one.metrics.at(metric).head *= factor;
}

Explanation explained(CaseReport one, PowerCap cap = PowerCap::not_seen) {
  one.split = break_down(one.metrics);
  return explain(
      {one.change, one.metrics, one.split, one.code, one.base_launches, one.launches, cap});
}

}  // namespace

TEST_CASE("a lower clock with the same code is the machine", "[diagnosis]") {
  CaseReport one = slower_by(1.072);
  change(one, "ipc", 1.072);
  change(one, "sm_clock", 1 / 1.072);
  const Explanation capped = explained(one, PowerCap::seen);
  CHECK(capped.cause == Cause::clock);
  CHECK(capped.sentence ==
        "+7.2 %: same code; in the counters' own +7.2 %: instructions 0.0 %, IPC 0.0 %, clock -6.7 "
        "%: power cap: the machine, not the change");
  CHECK_THAT(explained(one).sentence, !ContainsSubstring("power cap"));
  one.code = CodeMatch::code;
  CHECK_THAT(explained(one).sentence,
             ContainsSubstring("code changed") && !ContainsSubstring("not the change"));
}

TEST_CASE("more instructions are more work", "[diagnosis]") {
  CaseReport one = slower_by(1.031);
  change(one, "ipc", 1.031);
  change(one, "instructions", 1.031);
  one.code = CodeMatch::code;
  const Explanation found = explained(one);
  CHECK(found.cause == Cause::instructions);
  CHECK(found.sentence ==
        "+3.1 %: code changed; in the counters' own +3.1 %: instructions +3.1 %, IPC 0.0 %, clock "
        "0.0 %: more work");
}

TEST_CASE("more HBM bytes are lost locality with a lower hit rate, else only more bytes",
          "[diagnosis]") {
  CaseReport one = slower_by(1.12);
  change(one, "hbm_read", 1.115);
  change(one, "l2_hit_rate", 0.22 / 0.61);
  const Explanation lost = explained(one);
  CHECK(lost.cause == Cause::locality);
  CHECK_THAT(lost.sentence, EndsWith("; HBM bytes +11.2 %, L2 hit rate 61 to 22 %: locality lost"));
  one.metrics["l2_hit_rate"].doubtful = true;
  CHECK(explained(one).cause == Cause::hbm_bytes);
  one.metrics["l2_hit_rate"] = {0.61, 0.61};
  CHECK(explained(one).cause == Cause::hbm_bytes);
  CHECK_THAT(explained(one).sentence, EndsWith("HBM bytes +11.2 %: more bytes from memory"));
}

TEST_CASE("more sectors for the same bytes are worse coalescing", "[diagnosis]") {
  CaseReport one = slower_by(1.4);
  change(one, "l2_sectors_sm", 2);
  CHECK(explained(one).cause == Cause::coalescing);
  CHECK_THAT(explained(one).sentence, EndsWith("L2 sectors of the SMs +100.0 %: worse coalescing, "
                                               "or less reuse in the L1"));
  one.metrics["l1_load_sectors"] = {1e6, 4e6};
  one.metrics["l1_load_requests"] = {2.5e5, 2.5e5};
  CHECK_THAT(explained(one).sentence, EndsWith("L1 sectors a request +300.0 %: worse coalescing"));
  // Half-used sectors cost HBM bytes, too, as a consequence.
  change(one, "hbm_read", 2);
  CHECK(explained(one).cause == Cause::coalescing);
  one.metrics["l1_load_sectors"] = {1e6, 1e6};
  one.metrics["hbm_read"] = {1e8, 1e8};
  CHECK_THAT(explained(one).sentence,
             EndsWith("worse coalescing of stores, or less reuse in the L1"));
}

TEST_CASE("fewer warps, another launch, one stall", "[diagnosis]") {
  CaseReport one = slower_by(1.2);
  one.metrics["occupancy"] = {0.5, 0.25};
  CHECK(explained(one).cause == Cause::occupancy);
  CHECK_THAT(explained(one).sentence,
             EndsWith("occupancy -50.0 %: fewer warps to hide latency with"));
  one.metrics.erase("occupancy");
  one.code = CodeMatch::launch;
  one.launches[0].grid = {264, 1, 1};
  CHECK(explained(one).cause == Cause::launch);
  CHECK_THAT(explained(one).sentence,
             StartsWith("+20.0 %: launch changed (grid 132x1x1 to 264x1x1);"));
  one.code = CodeMatch::code;
  one.metrics["warp_cycles"] = {20, 26};
  one.metrics["stall_barrier"] = {1, 5.5};
  one.metrics["stall_wait"] = {2, 3.5};
  one.metrics["stall_not_selected"] = {1, 90};
  CHECK(explained(one).cause == Cause::stalls);
  CHECK_THAT(explained(one).sentence,
             EndsWith("warps wait longer: stall_barrier +4.50 cycles an instruction"));
}

TEST_CASE("the sentence says what the evidence does not settle", "[diagnosis]") {
  const CaseReport one = slower_by(1.05);
  const Explanation open = explained(one);
  CHECK(open.cause == Cause::unsettled);
  CHECK_THAT(open.sentence, EndsWith("the same work at a lower rate; these counters do not settle "
                                     "why, the metric set `explain` has more"));
  CaseReport mixed = slower_by(1.06);
  change(mixed, "ipc", 1.04);
  change(mixed, "sm_clock", 1 / 1.02);
  change(mixed, "instructions", 1.02);
  CHECK(explained(mixed).cause == Cause::unsettled);
  CHECK_THAT(explained(mixed).sentence, ContainsSubstring("no single part makes half of it"));
  CaseReport torn = slower_by(1.05);
  change(torn, "ipc", 1.05);  // the four counters do not belong together
  CHECK(explained(torn).cause == Cause::unsettled);
  CHECK_THAT(torn.explanation, !ContainsSubstring("more work"));
}

TEST_CASE("counters that did not see the change explain nothing", "[diagnosis]") {
  CaseReport one = slower_by(1.1);
  change(one, "ipc", 1.1 / 1.01);
  change(one, "gpu_time", 1.01 / 1.1);
  CHECK(explained(one).cause == Cause::not_seen);
  change(one, "ipc", 1.05);
  change(one, "gpu_time", 1 / 1.05);  // they even went the other way
  CHECK(explained(one).cause == Cause::not_seen);
}

TEST_CASE("no change needs no cause, but work that changed unseen is reported", "[diagnosis]") {
  CaseReport one = slower_by(1.1);
  one.change = Change{0.001, -0.004, 0.006, 0.01};
  CHECK(explained(one).cause == Cause::noise);
  CHECK(explained(one).sentence ==
        "+0.1 %: same code, instructions 0.0 %, HBM bytes 0.0 %: no change to explain");
  change(one, "instructions", 1.02);
  CHECK(explained(one).cause == Cause::hidden_work);
  CHECK_THAT(explained(one).sentence, ContainsSubstring("instructions +2.0 %"));
}

TEST_CASE("without counters or without a change nothing is made up", "[diagnosis]") {
  CaseReport one = slower_by(1.1);
  one.metrics.erase("gpu_time");
  CHECK(explained(one).cause == Cause::no_counters);
  CHECK(explained(one).sentence ==
        "+10.0 %: same code; no counters on both sides that would tell why");
  one.change.reset();
  CHECK(explained(one).cause == Cause::not_compared);
  CHECK(explained(one).sentence.empty());
}

TEST_CASE("a speed-up is explained like a slowdown", "[diagnosis]") {
  CaseReport one = slower_by(1 / 1.12);
  change(one, "hbm_read", 1 / 1.12);
  change(one, "l2_hit_rate", 1.3);
  CHECK_THAT(explained(one).sentence, StartsWith("-10.7 %") && EndsWith("locality gained"));
}

TEST_CASE("the table of causes is in the order of its enum", "[diagnosis]") {
  for (std::size_t i = 0; i < causes.size(); ++i)
    CHECK(static_cast<std::size_t>(causes[i].cause) == i);
}

TEST_CASE("launches: what differs, and how much that says", "[diagnosis]") {
  const std::vector<KernelLaunch> base{gemm};
  std::vector<KernelLaunch> head{gemm};
  CHECK(match_launches(base, head) == CodeMatch::same);
  CHECK(launch_difference(base, head).empty());
  head[0].code = "";
  CHECK(match_launches(base, head) == CodeMatch::unknown);
  head[0].code = "fedcba9876543210";
  CHECK(match_launches(base, head) == CodeMatch::code);
  head[0].registers = 128;
  CHECK(match_launches(base, head) == CodeMatch::launch);
  CHECK(launch_difference(base, head) == "registers 64 to 128");
  head[0].name = "other";
  CHECK(match_launches(base, head) == CodeMatch::kernels);
  head = {gemm, gemm};
  CHECK(match_launches(base, head) == CodeMatch::kernels);
  CHECK(launch_difference(base, head) == "1 to 2 kernels");
  CHECK(match_launches({}, head) == CodeMatch::unknown);
}
