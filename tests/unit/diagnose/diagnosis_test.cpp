// SPDX-License-Identifier: Apache-2.0
// Each case gets one sentence: a rule gives it when its evidence is there, and not without it.
#include "gate/diagnose/diagnosis.h"
#include "gate/report/report.h"

#include <algorithm>
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

Explanation explained(CaseReport one, PowerCap cap = PowerCap::not_seen,
                      Against against = Against::stored) {
  one.split = break_down(one.metrics);
  return explain({one.change, one.metrics, one.split, one.code, one.base_launches, one.launches,
                  h200(), cap, against});
}

}  // namespace

TEST_CASE("a lower clock with the same code is the machine", "[diagnosis]") {
  CaseReport one = slower_by(1.072);
  change(one, "ipc", 1.072);
  change(one, "sm_clock", 1 / 1.072);
  const Explanation capped = explained(one, PowerCap::seen);
  CHECK(capped.cause == Cause::clock);
  CHECK(capped.sentence ==
        "SM clock -6.7 %, by the power cap: explains the +7.2 %; same code: the machine, not the "
        "change");
  CHECK_THAT(explained(one).sentence, !ContainsSubstring("power cap"));
  one.code = CodeMatch::code;
  CHECK_THAT(explained(one).sentence,
             ContainsSubstring("code changed") && !ContainsSubstring("not the change"));
}

TEST_CASE("more instructions are more work; of the same code they are an argument's doing",
          "[diagnosis]") {
  CaseReport one = slower_by(1.031);
  change(one, "ipc", 1.031);
  change(one, "instructions", 1.031);
  one.code = CodeMatch::code;
  const Explanation found = explained(one);
  CHECK(found.cause == Cause::work);
  CHECK(found.sentence == "instructions +3.1 %: explains the +3.1 %; code changed");
  one.code = CodeMatch::same;
  const Explanation argument = explained(one);
  CHECK(argument.cause == Cause::data);
  CHECK(argument.sentence ==
        "instructions +3.1 %: explains the +3.1 %; same code and launch, so an argument or the "
        "data did it");
}

TEST_CASE("the same code, launch, instructions and bytes at a lower rate is the machine",
          "[diagnosis]") {
  CaseReport one = slower_by(1.05);
  CHECK(explained(one).cause == Cause::machine);
  // A base build ran on the same machine, so there it is something else.
  const Explanation beside = explained(one, PowerCap::not_seen, Against::base_build);
  CHECK(beside.cause == Cause::before);
  CHECK_THAT(beside.sentence, ContainsSubstring("a kernel before it did it, not its own code"));
  one.metrics["hbm_read"].doubtful = true;  // whether the bytes changed is not known
  CHECK(explained(one).cause == Cause::unknown);
  one.metrics["hbm_read"] = {33e6, 33e6 * 1.05};
  CHECK(explained(one).cause == Cause::data);
}

TEST_CASE("more HBM bytes are lost locality with a lower hit rate, else only more bytes",
          "[diagnosis]") {
  CaseReport one = slower_by(1.12);
  one.code = CodeMatch::code;
  change(one, "hbm_read", 1.115);
  change(one, "l2_hit_rate", 0.22 / 0.61);
  const Explanation lost = explained(one);
  CHECK(lost.cause == Cause::locality);
  CHECK(lost.sentence ==
        "L2 hit rate 61 to 22 %, HBM bytes +11.2 %: explains 93 % of the +12.0 %; code changed");
  one.metrics["l2_hit_rate"].doubtful = true;
  CHECK(explained(one).cause == Cause::bytes);
  one.metrics["l2_hit_rate"] = {0.61, 0.61};
  CHECK(explained(one).cause == Cause::bytes);
}

TEST_CASE("more sectors for the same bytes are worse coalescing", "[diagnosis]") {
  CaseReport one = slower_by(1.4);
  one.code = CodeMatch::code;
  change(one, "l2_sectors_sm", 2);
  CHECK(explained(one).cause == Cause::coalescing);
  CHECK_THAT(explained(one).sentence, StartsWith("L2 sectors of the SMs +100.0 %: explains the "));
  one.metrics["l1_load_sectors"] = {1e6, 4e6};
  one.metrics["l1_load_requests"] = {2.5e5, 2.5e5};
  CHECK_THAT(explained(one).sentence, StartsWith("L1 sectors a request 4.0 to 16.0 (+300.0 %)"));
  // Half-used sectors cost HBM bytes, too, as a consequence.
  change(one, "hbm_read", 2);
  const Explanation both = explained(one);
  CHECK(both.cause == Cause::coalescing);
  CHECK(both.causes.size() == 1);
  one.metrics["l1_load_sectors"] = {1e6, 1e6};
  one.metrics["hbm_read"] = {33e6, 33e6};
  CHECK_THAT(explained(one).sentence,
             StartsWith("L2 sectors of the SMs +100.0 % by stores or the L1"));
}

TEST_CASE("a large part stands above a small one, however early its rule", "[diagnosis]") {
  // The issue that asked for it: +212 % of lost coalescing was announced as instructions +6.2 %.
  CaseReport one = slower_by(3.12);
  one.code = CodeMatch::code;
  change(one, "instructions", 1.062);
  change(one, "ipc", 1.062);
  one.metrics["l1_load_sectors"] = {1e6, 3e6};
  one.metrics["l1_load_requests"] = {1e6, 1e6};
  const Explanation found = explained(one);
  CHECK(found.cause == Cause::coalescing);
  CHECK_THAT(found.causes[0].share, WithinAbs(std::log(3) / std::log(3.12), 1e-6));
}

TEST_CASE("fewer warps, another launch, one stall", "[diagnosis]") {
  CaseReport one = slower_by(1.2);
  one.code = CodeMatch::code;
  one.metrics["occupancy"] = {0.5, 0.25};
  CHECK(explained(one).cause == Cause::occupancy);
  CHECK_THAT(explained(one).sentence, StartsWith("warps on an SM -50.0 %: explains the +20.0 %"));
  one.metrics.erase("occupancy");
  one.code = CodeMatch::launch;
  one.launches[0].grid = {264, 1, 1};
  CHECK(explained(one).cause == Cause::launch);
  CHECK_THAT(explained(one).sentence,
             StartsWith("grid 132x1x1 to 264x1x1: explains the +20.0 %; launch changed"));
  one.code = CodeMatch::code;
  one.launches = one.base_launches;
  one.metrics["warp_cycles"] = {20, 26};
  one.metrics["stall_barrier"] = {1, 5.5};
  one.metrics["stall_wait"] = {2, 3.5};
  one.metrics["stall_not_selected"] = {1, 90};
  CHECK(explained(one).cause == Cause::latency);
  CHECK_THAT(explained(one).sentence, StartsWith("stall barrier +4.50 cycles an instruction:"));
}

TEST_CASE("launches tell of fewer blocks, lower occupancy and other kernels without a counter",
          "[diagnosis]") {
  CaseReport one = slower_by(1.3);
  one.metrics.clear();
  one.code = CodeMatch::launch;
  // 64 registers and 256 threads: four blocks on each of 132 SMs, one wave.
  one.base_launches[0].grid = {528, 1, 1};
  one.launches[0].grid = {352, 1, 1};
  const Explanation fewer = explained(one);
  CHECK(fewer.cause == Cause::blocks);
  CHECK_THAT(fewer.sentence, StartsWith("grid 528x1x1 to 352x1x1: 4.0 to 2.7 blocks for each SM: "
                                        "explains the +30.0 %"));
  // Many waves of them hide a third less: nothing runs less at once.
  one.base_launches[0].grid = {52800, 1, 1};
  one.launches[0].grid = {35200, 1, 1};
  CHECK(explained(one).cause == Cause::unknown);
  one.launches[0] = one.base_launches[0];
  one.launches[0].registers = 80;  // three blocks
  const Explanation lower = explained(one);
  CHECK(lower.cause == Cause::occupancy);
  CHECK_THAT(lower.sentence,
             StartsWith("4 to 3 blocks an SM, limited by registers, registers 64 to "
                        "80: explains the +30.0 %"));
  // A persistent kernel launches as many blocks as fit: fewer of them is the consequence.
  one.base_launches[0].grid = {528, 1, 1};
  one.launches[0].grid = {396, 1, 1};
  CHECK(explained(one).causes.size() == 1);
  CHECK(explained(one).cause == Cause::occupancy);
}

TEST_CASE("kernels that were added or replaced are the cause, one that is gone need not be",
          "[diagnosis]") {
  KernelLaunch combine = gemm;
  combine.name = "combine";
  CaseReport one = slower_by(1.3);
  one.metrics.clear();
  one.code = CodeMatch::kernels;
  one.launches = {gemm, combine};
  CHECK(explained(one).cause == Cause::kernels);
  CHECK_THAT(explained(one).sentence,
             StartsWith("1 to 2 kernels: combine is new: explains the +30.0 %"));
  one.launches = {combine};
  CHECK_THAT(explained(one).sentence, StartsWith("combine instead of gemm<128>: "));
  one.base_launches = {gemm, combine};
  one.launches = {gemm};
  CHECK_THAT(explained(one).sentence, StartsWith("2 to 1 kernel: combine is gone"));
  // The kernel that stayed lost a third of its blocks, and so nothing had to be combined.
  one.base_launches[0].grid = {528, 1, 1};
  one.launches[0].grid = {352, 1, 1};
  const Explanation fewer = explained(one);
  CHECK(fewer.cause == Cause::blocks);
  CHECK(fewer.causes.size() == 1);
}

TEST_CASE("the sentence says what the evidence does not settle", "[diagnosis]") {
  CaseReport one = slower_by(1.05);
  one.code = CodeMatch::code;
  const Explanation open = explained(one);
  CHECK(open.cause == Cause::unknown);
  CHECK(open.sentence ==
        "+5.0 %: code changed; instructions 0.0 %, IPC -4.8 %, clock 0.0 %: no single cause makes "
        "half of it; the metric set `explain` has more counters");
  CaseReport mixed = slower_by(1.06);
  change(mixed, "ipc", 1.04);
  change(mixed, "sm_clock", 1 / 1.02);
  change(mixed, "instructions", 1.02);
  CHECK(explained(mixed).cause == Cause::unknown);
  CHECK(explained(mixed).causes.size() == 2);
  CaseReport torn = slower_by(1.05);
  change(torn, "ipc", 1.05);  // the four counters do not belong together
  CHECK(explained(torn).cause == Cause::unknown);
  CHECK_THAT(explained(torn).sentence, ContainsSubstring("between the counters' collections"));
}

TEST_CASE("counters that did not see the change explain nothing", "[diagnosis]") {
  CaseReport one = slower_by(1.1);
  change(one, "ipc", 1.1 / 1.01);
  change(one, "gpu_time", 1.01 / 1.1);
  CHECK(explained(one).cause == Cause::unknown);
  CHECK_THAT(explained(one).sentence,
             EndsWith("the counters' process did not see the change (+1.0 %)"));
  change(one, "ipc", 1.05);
  change(one, "gpu_time", 1 / 1.05);  // they even went the other way
  CHECK(explained(one).causes.empty());
}

TEST_CASE("no change needs no cause, but work that changed unseen is reported", "[diagnosis]") {
  CaseReport one = slower_by(1.1);
  one.change = Change{0.001, -0.004, 0.006, 0.01};
  CHECK(explained(one).cause == Cause::none);
  CHECK(explained(one).sentence == "+0.1 %: same code: no change to explain");
  change(one, "instructions", 1.02);
  CHECK(explained(one).sentence ==
        "+0.1 %: same code, instructions +2.0 %: the work changed, the duration did not");
}

TEST_CASE("without counters or without a change nothing is made up", "[diagnosis]") {
  CaseReport one = slower_by(1.1);
  one.metrics.erase("gpu_time");
  CHECK(explained(one).cause == Cause::unknown);
  CHECK(explained(one).sentence == "+10.0 %: same code; no counters on both sides");
  one.change.reset();
  CHECK(explained(one).cause == Cause::none);
  CHECK(explained(one).sentence.empty());
}

TEST_CASE("a speed-up is explained like a slowdown", "[diagnosis]") {
  CaseReport one = slower_by(1 / 1.12);
  one.code = CodeMatch::code;
  change(one, "hbm_read", 1 / 1.12);
  change(one, "l2_hit_rate", 1.3);
  CHECK(explained(one).cause == Cause::locality);
  CHECK(cause_title(Cause::locality, one.change) == "locality gained");
}

TEST_CASE("titles have at most four words", "[diagnosis]") {
  for (const CauseInfo& info : causes)
    for (const std::string_view title : {info.slower, info.faster}) {
      INFO(info.id);
      CHECK(std::count(title.begin(), title.end(), ' ') <= 3);
      CHECK(title.empty() == (info.cause == Cause::none));
    }
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

TEST_CASE("of a range with many kernels the difference of the sequences is told", "[diagnosis]") {
  CaseReport one = slower_by(1.15);
  one.code = CodeMatch::kernels;
  const auto launch = [](const char* name) {
    return KernelLaunch{name, {132, 1, 1}, {256, 1, 1}, 64, 1024};
  };
  one.base_launches = {launch("norm<1>"), launch("gemm_a<1>"), launch("rope"), launch("gemm_b<2>")};
  one.launches = {launch("norm<1>"), launch("gemm_a<1>"), launch("copy"), launch("rope"),
                  launch("gemm_c<2>")};
  CHECK_THAT(explained(one).sentence, StartsWith("4 to 5 kernels: ") &&
                                          ContainsSubstring("one copy more") &&
                                          ContainsSubstring("gemm#2: gemm_b → gemm_c"));
}
