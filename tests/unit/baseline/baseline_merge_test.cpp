// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline/baseline_merge.h"

#include "gate/util/error.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

Baseline two_cases() {
  return baseline_of(small_plan(), {{10, 10}, {5, 5}});
}

std::vector<std::string> ids(const Baseline& baseline) {
  std::vector<std::string> out;
  for (const BaselineCase& one : baseline.cases) out.push_back(one.id);
  return out;
}

}  // namespace

TEST_CASE("only what was measured under the same conditions can be mixed", "[baseline_merge]") {
  Baseline before = two_cases();
  before.gpu.ecc = true;
  before.gpu.mig = false;
  before.gpu.power_limit_w = 700;
  CHECK_FALSE(other_conditions(before, before));
  const auto difference = [&](auto change) {
    Baseline now = before;
    change(now);
    return other_conditions(before, now).value_or("none");
  };
  CHECK(difference([](Baseline& b) { b.gpu.name = "NVIDIA H20"; }) ==
        "GPU NVIDIA H20 now, NVIDIA H200 in the file");
  CHECK(difference([](Baseline& b) { b.gpu.uuid = "GPU-b"; }) == "none");
  CHECK(difference([](Baseline& b) { b.gpu.driver = "600.1"; }) ==
        "driver 600.1 now, 570.86.15 in the file");
  CHECK(difference([](Baseline& b) { b.gpu.driver.reset(); }) ==
        "driver unknown now, 570.86.15 in the file");
  CHECK(difference([](Baseline& b) { b.gpu.cuda = "13.0"; }) == "CUDA 13.0 now, 12.8 in the file");
  CHECK(difference([](Baseline& b) { b.gpu.cublas = "13.1"; }) ==
        "cuBLAS 13.1 now, 12.8.4 in the file");
  CHECK(difference([](Baseline& b) { b.clocks = ClockPolicy::lock; }) ==
        "clocks lock now, observe in the file");
  CHECK(difference([](Baseline& b) { b.gpu.ecc = false; }) == "ECC is off now, on in the file");
  CHECK(difference([](Baseline& b) { b.gpu.mig = true; }) == "MIG mode is on now, off in the file");
  CHECK(difference([](Baseline& b) { b.gpu.power_limit_w = 500; }) ==
        "the power limit is 500 W now, 700 W in the file");
  CHECK(difference([](Baseline& b) { b.gpu.power_limit_w = 700.4; }) == "none");  // rounded
  CHECK(difference([](Baseline& b) { b.gpu.ecc.reset(); }) == "none");
  CHECK(difference([](Baseline& b) { b.settings["decode"]["gemm_backend"] = "cublas"; }) ==
        "decode: gemm_backend cublas now, auto in the file");
  CHECK(difference([](Baseline& b) { b.settings["decode"]["tuning"] = "x"; }) ==
        "decode: tuning x now, not set in the file");
  CHECK(difference([](Baseline& b) { b.settings["decode"].clear(); }) ==
        "decode: dither not set now, up to 120 us in the file");
  CHECK(difference([](Baseline& b) { b.settings["another"]["x"] = "y"; }) == "none");
  CHECK(difference([](Baseline& b) { b.gpu.pcie_width = 8; }) == "none");
}

TEST_CASE("a part replaces its cases and leaves the others", "[baseline_merge]") {
  Baseline before = two_cases();
  before.accepted = {{case_of("o_proj"), "a", "t", 1e-5, 2e-5},
                     {case_of("silu_mul"), "b", "t", 1e-5, 2e-5}};
  Baseline now = baseline_of(small_plan({"o_proj", "rotary"}), {{2, 2}, {12, 12}});
  now.sessions[1].created = "2026-01-01T00:00:00Z";
  now.sessions[1].commit = "feed";
  now.settings["another"]["x"] = "y";
  const std::vector<std::string> plan{case_of("rotary"), case_of("o_proj"), case_of("silu_mul")};
  const Baseline after = replace_cases(before, now, plan);
  CHECK(ids(after) == plan);
  CHECK(after.find(case_of("o_proj"))->durations_s()[0] == Approx(12e-6));
  CHECK(after.find(case_of("silu_mul"))->durations_s()[0] == Approx(5e-6));
  // Each case says in which session it was measured.
  CHECK(after.created == before.created);
  REQUIRE(after.sessions.size() == 2);
  CHECK(after.sessions.at(1).created == before.created);
  CHECK(after.sessions.at(2).created == "2026-01-01T00:00:00Z");
  CHECK(after.sessions.at(2).commit == "feed");
  CHECK(after.find(case_of("o_proj"))->sessions_s.contains(2));
  CHECK_FALSE(after.find(case_of("o_proj"))->sessions_s.contains(1));
  CHECK(after.find(case_of("silu_mul"))->sessions_s.contains(1));
  CHECK(after.settings.at("another").at("x") == "y");  // else its cases would be held against none
  REQUIRE(after.accepted.size() == 1);
  CHECK(after.accepted[0].case_id == case_of("silu_mul"));
}

TEST_CASE("a case that is no longer planned is kept, after the others", "[baseline_merge]") {
  const Baseline now = baseline_of(small_plan({"silu_mul"}), {{4, 4}});
  const Baseline after = replace_cases(two_cases(), now, {case_of("silu_mul")});
  CHECK(ids(after) == std::vector{case_of("silu_mul"), case_of("o_proj")});
  CHECK(after.find(case_of("o_proj"))->durations_s()[0] == Approx(10e-6));
}

TEST_CASE("an accepted change has its medians, and needs a change", "[baseline_merge]") {
  const Baseline before = two_cases();
  Baseline after = baseline_of(small_plan({"o_proj", "rotary"}), {{2, 2, 2}, {11, 13, 12}});
  accept_changes(after, before, {{case_of("o_proj"), "larger tile"}}, "2026-01-01T00:00:00Z");
  REQUIRE(after.accepted.size() == 1);
  CHECK(after.accepted[0].old_s == Approx(10e-6));
  CHECK(after.accepted[0].new_s == Approx(12e-6));
  CHECK(after.accepted[0].when == "2026-01-01T00:00:00Z");
  const auto refusal = [&](const std::string& id) {
    return error_of<UsageError>([&] { accept_changes(after, before, {{id, "w"}}, ""); });
  };
  CHECK_THAT(refusal(case_of("o_porj")),
             ContainsSubstring("the baseline has no such case") &&
                 ContainsSubstring("did you mean '" + case_of("o_proj") + "'?"));
  CHECK_THAT(refusal(case_of("silu_mul")), ContainsSubstring("it is not measured"));
}

TEST_CASE("a session of no case is dropped", "[baseline_merge]") {
  const Baseline now = baseline_of(small_plan(), {{12, 12}, {6, 6}});
  const Baseline after = replace_cases(two_cases(), now, ids(now));
  CHECK(after.sessions.size() == 1);
  CHECK(after.sessions.contains(2));
}

TEST_CASE("a session joins those of the same cases, code and conditions", "[baseline_merge]") {
  const Baseline before = two_cases();
  Baseline now = baseline_of(small_plan(), {{10.1, 10}, {5, 5.1}});
  CHECK_FALSE(cannot_join(before, now));
  now.gpu.uuid = now.sessions.at(1).board = "GPU-b";  // another board of the pool
  now.cases[0].sessions_s[1] = {13e-6, 14e-6};
  CHECK_FALSE(cannot_join(before, now));
  const Baseline both = add_sessions(before, now);
  REQUIRE(both.sessions.size() == 2);
  CHECK(both.has_board("GPU-aaaa"));
  CHECK(both.has_board("GPU-b"));
  CHECK_FALSE(both.has_board("GPU-c"));
  CHECK(both.cases[0].sessions_s.at(2) == std::vector{13e-6, 14e-6});
  CHECK(both.cases[0].sessions_s.at(1) == before.cases[0].sessions_s.at(1));
  // Written and read, it is the same.
  CHECK(write_baseline(read_baseline(write_baseline(both), "b")) == write_baseline(both));

  const auto refused = [&](auto change) {
    Baseline other = two_cases();
    change(other);
    return cannot_join(before, other).value_or("none");
  };
  CHECK_THAT(refused([](Baseline& b) { b.gpu.driver = "600.1"; }), StartsWith("driver 600.1 now"));
  CHECK_THAT(refused([](Baseline& b) { b.cases[1].id += "x"; }),
             EndsWith("was measured and is not in the file"));
  // What was not measured keeps its sessions: it may be another source's.
  Baseline part = now;
  part.cases.pop_back();
  CHECK_FALSE(cannot_join(before, part));
  CHECK(add_sessions(before, part).cases[1].sessions_s == before.cases[1].sessions_s);
  CHECK_THAT(refused([](Baseline& b) { b.cases[0].kernels[0].registers = 99; }),
             ContainsSubstring("ran other kernels than in the file"));
  Baseline more = two_cases();
  more.cases.push_back(more.cases[0]);
  more.cases.back().id = case_of("rotary");
  CHECK(cannot_join(before, more) == case_of("rotary") + " was measured and is not in the file");
}

TEST_CASE("a session of other settings does not join, and none is forgotten", "[baseline_merge]") {
  Baseline file = two_cases();
  file.gpu.ecc = true;
  file.gpu.mig = false;
  file.gpu.power_limit_w = 700;
  // What this session could not read stays as the others had it.
  const Baseline blind = baseline_of(small_plan(), {{10.1, 10}, {5, 5.1}});
  REQUIRE_FALSE(cannot_join(file, blind));
  file = add_sessions(file, blind);
  CHECK(file.gpu.ecc == true);
  CHECK(file.gpu.mig == false);
  CHECK(file.gpu.power_limit_w == 700);
  Baseline other = baseline_of(small_plan(), {{10.2, 10}, {5, 5.2}});
  other.gpu.ecc = false;
  CHECK(cannot_join(file, other) == "ECC is off now, on in the file");
}

TEST_CASE("the same run is no second session", "[baseline_merge]") {
  // More digits than the file keeps, as a run has them.
  const Baseline run = baseline_of(small_plan(), {{10.000000001, 11}, {5, 6}});
  const Baseline file = read_baseline(write_baseline(run), "b");
  const std::string copy =
      "the run of 2025-01-02T03:04:05Z is session 1 again, with the same durations in 2 cases: it "
      "counts once";
  CHECK(cannot_join(file, run) == copy);
  // As one of several sessions, and for a part of the cases.
  const Baseline other = baseline_of(small_plan(), {{10.001, 11}, {5, 6}});
  CHECK_FALSE(cannot_join(run, other));
  CHECK(cannot_join(add_sessions(other, run), run) == replaced(copy, "session 1", "session 2"));
  CHECK(cannot_join(run, baseline_of(small_plan({"silu_mul"}), {{5, 6}})) ==
        replaced(copy, "2 cases", "1 case"));
  // The same two durations the other way round are another run's.
  CHECK_FALSE(cannot_join(run, baseline_of(small_plan(), {{11, 10}, {5, 6}})));
  // A few processes of a short kernel may take the same ticks a second later, or on another board.
  Baseline later = run;
  later.sessions.at(1).created = "2025-01-02T03:04:06Z";
  CHECK_FALSE(cannot_join(run, later));
  Baseline elsewhere = run;
  elsewhere.sessions.at(1).board = "GPU-another";
  CHECK_FALSE(cannot_join(run, elsewhere));

  const auto refusal = [](const Baseline& baseline) {
    return error_of<UsageError>([&] { (void)read_baseline(write_baseline(baseline), "b.toml"); });
  };
  CHECK(refusal(add_sessions(run, other)) == "(nothing was thrown)");
  CHECK_THAT(refusal(add_sessions(run, run)),
             StartsWith("b.toml:") &&
                 EndsWith("session.2: is session 1 again, with the same durations in 2 cases: one "
                          "invocation is one session; measure it again with `perfgate baseline "
                          "refresh`"));
}

TEST_CASE("a counter that differs between sessions repeats less well", "[baseline_merge]") {
  Baseline before = two_cases(), now = two_cases();
  const auto set = [](Baseline& baseline, double a, double b, double c) {
    baseline.cases[0].metrics = {{"a", a}, {"b", b}, {"c", c}, {"d", 1}};
    baseline.cases[0].stability = {{"a", Stability::exact},
                                   {"b", Stability::exact},
                                   {"c", Stability::near},
                                   {"d", Stability::noisy}};
  };
  set(before, 1000, 1000, 1000);
  set(now, 1000, 1001, 1100);
  const Baseline both = add_sessions(before, now);
  CHECK(both.cases[0].stability.at("a") == Stability::exact);
  CHECK(both.cases[0].stability.at("b") == Stability::near);
  CHECK(both.cases[0].stability.at("c") == Stability::noisy);
  CHECK(both.cases[0].stability.at("d") == Stability::noisy);
  CHECK(both.cases[0].metrics.at("b") == 1000);
}
