// SPDX-License-Identifier: Apache-2.0
#include "gate/run/validity.h"

#include "gate/report/make_report.h"
#include "gate/run/run_view.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

constexpr double mhz = 1e6;

/// The conditions of a quiet GPU.
Conditions calm() {
  Conditions conditions;
  conditions.readings = conditions.busy = 50;
  conditions.sm_clock_hz = Spread{1500 * mhz, 1500 * mhz, 1500 * mhz};
  conditions.memory_clock_hz = Spread{3201 * mhz, 3201 * mhz, 3201 * mhz};
  conditions.temperature_c = Spread{40, 45, 50};
  conditions.events = 0;
  conditions.others.emplace();
  return conditions;
}

ProcessRecord process_under(const Conditions& conditions) {
  ProcessRecord process;
  process.conditions = conditions;
  return process;
}

/// Returns what spoils the measurement, or "valid".
std::string spoiled_by(const Conditions& conditions, ClockPolicy policy,
                       const ClockTarget& target = {}) {
  const auto invalid = validate(process_under(conditions), policy, target);
  if (!invalid) return "valid";
  switch (invalid->kind) {
    case Invalidity::gpu_busy:
      return "gpu_busy";
    case Invalidity::throttled:
      return "throttled";
    case Invalidity::clock_off:
      return "clock_off";
  }
  return "?";
}

Conditions with_event(std::uint64_t events) {
  Conditions conditions = calm();
  conditions.events = events;
  return conditions;
}

Conditions busy() {
  Conditions conditions = calm();
  conditions.others = {{4242, "python3"}};
  return conditions;
}

const std::vector<double> ten{10, 10.01, 9.99, 10.005, 9.995}, five{5, 5, 5, 5, 5};

/// Returns five timing processes under calm conditions, and one counters process.
RunRecord good_run(double slower = 1) {
  std::vector<double> us = ten;
  for (double& value : us) value *= slower;
  RunRecord run = run_of(small_plan(), {us, five});
  for (ProcessRecord& process : run.processes) process.conditions = calm();
  return run;
}

Report validity_report_of(const RunRecord& run) {
  return make_report(run, baseline_of(small_plan(), {ten, five}), strict_policy());
}

}  // namespace

TEST_CASE("a calm GPU is valid under every policy", "[validity]") {
  for (const ClockPolicyInfo& info : clock_policies) {
    CHECK(spoiled_by(calm(), info.policy) == "valid");
    CHECK(spoiled_by(calm(), info.policy, {0.01, 1500 * mhz, 3201 * mhz}) == "valid");
  }
}

TEST_CASE("each clocks event spoils a measurement where it should", "[validity]") {
  struct Expected {
    std::uint64_t bit;
    const char *free, *held;
  };
  for (const auto& [bit, when_free, when_held] :
       {Expected{0x1, "valid", "valid"}, Expected{0x2, "valid", "valid"},
        Expected{0x4, "valid", "throttled"}, Expected{0x8, "throttled", "throttled"},
        Expected{0x10, "valid", "valid"}, Expected{0x20, "throttled", "throttled"},
        Expected{0x40, "throttled", "throttled"}, Expected{0x80, "throttled", "throttled"},
        Expected{0x100, "valid", "valid"}, Expected{1ULL << 40, "valid", "valid"}}) {
    INFO(bit);
    CHECK(spoiled_by(with_event(bit), ClockPolicy::observe) == when_free);
    CHECK(spoiled_by(with_event(bit), ClockPolicy::verify) == when_held);
    CHECK(spoiled_by(with_event(bit), ClockPolicy::lock) == when_held);
  }
}

TEST_CASE("another process is the first thing that is reported", "[validity]") {
  Conditions conditions = busy();
  conditions.events = 0x40;
  const auto invalid = validate(process_under(conditions), ClockPolicy::observe, {});
  REQUIRE(invalid);
  CHECK(invalid->kind == Invalidity::gpu_busy);
  CHECK_THAT(invalid->why, ContainsSubstring("4242 (python3)"));
}

TEST_CASE("held clocks must hold and be the wanted ones", "[validity]") {
  const auto sm = [](double low, double middle, double high) {
    Conditions conditions = calm();
    conditions.sm_clock_hz = Spread{low * mhz, middle * mhz, high * mhz};
    return conditions;
  };
  const ClockTarget at_1500{0.01, 1500 * mhz, std::nullopt};
  for (const ClockPolicy policy : {ClockPolicy::lock, ClockPolicy::verify}) {
    // One percent of 1500 MHz is 15.
    CHECK(spoiled_by(sm(1486, 1500, 1500), policy, at_1500) == "valid");
    CHECK(spoiled_by(sm(1484, 1500, 1500), policy, at_1500) == "clock_off");
    CHECK(spoiled_by(sm(1485, 1485, 1485), policy, at_1500) == "valid");
    CHECK(spoiled_by(sm(1484, 1484, 1484), policy, at_1500) == "clock_off");
    CHECK(spoiled_by(sm(1516, 1516, 1516), policy, at_1500) == "clock_off");
    CHECK(spoiled_by(sm(1200, 1200, 1200), policy, {}) == "valid");
    CHECK(spoiled_by(sm(1400, 1450, 1500), policy, {0.1, std::nullopt, std::nullopt}) == "valid");
  }
  CHECK(spoiled_by(sm(345, 1200, 1980), ClockPolicy::observe, at_1500) == "valid");
  Conditions memory = calm();
  memory.memory_clock_hz = Spread{2619 * mhz, 3201 * mhz, 3201 * mhz};
  CHECK(spoiled_by(memory, ClockPolicy::verify) == "clock_off");
  CHECK(spoiled_by(calm(), ClockPolicy::verify, {0.01, std::nullopt, 2619 * mhz}) == "clock_off");
}

TEST_CASE("a clock that was to be checked and could not be is not valid", "[validity]") {
  Conditions blind = calm();
  blind.sm_clock_hz.reset();
  CHECK(spoiled_by(blind, ClockPolicy::verify) == "clock_off");
  CHECK(spoiled_by(blind, ClockPolicy::observe) == "valid");
  Conditions no_memory = calm();
  no_memory.memory_clock_hz.reset();
  CHECK(spoiled_by(no_memory, ClockPolicy::verify) == "valid");
  CHECK(spoiled_by(no_memory, ClockPolicy::verify, {0.01, std::nullopt, 1e9}) == "clock_off");
}

TEST_CASE("clocks that nothing says held did not hold", "[validity]") {
  for (const ClockPolicy policy : {ClockPolicy::lock, ClockPolicy::verify}) {
    const auto invalid = validate(ProcessRecord{}, policy, {});
    REQUIRE(invalid);
    CHECK(invalid->kind == Invalidity::clock_off);
    CHECK_THAT(invalid->why, StartsWith("its record has no conditions"));
  }
  CHECK_FALSE(validate(ProcessRecord{}, ClockPolicy::observe, {}));
  RunRecord run = good_run();
  run.clocks = ClockPolicy::lock;
  const Baseline baseline = make_baseline(run);
  CHECK(make_report(run, baseline, strict_policy()).exit_code == ExitCode::pass);
  for (ProcessRecord& process : run.processes) process.conditions.reset();
  const Report report = make_report(run, baseline, strict_policy());
  CHECK(report.exit_code == ExitCode::no_verdict);
  CHECK(report.cases[0].reason == Reason::clock_off);
}

TEST_CASE("a note says where neighbours and throttling are not known", "[validity]") {
  const std::string unknown =
      ": the record does not say whether something else used the GPU or throttled it";
  RunRecord run = good_run();
  CHECK(validity_notes(run).empty());
  run.processes[1].conditions.reset();
  run.processes[2].conditions->others.reset();
  run.processes[3].conditions->events.reset();
  CHECK(validity_notes(run) == std::vector{"3 of 6 processes" + unknown});
  run.processes[0].error = "killed";
  run.processes[0].conditions.reset();
  CHECK(validity_notes(run) == std::vector{"3 of 5 processes" + unknown});
  for (ProcessRecord& process : run.processes) process.conditions.reset();
  CHECK(validity_notes(run) == std::vector{"all processes" + unknown});
  CHECK(validity_report_of(run).exit_code == ExitCode::pass);
}

TEST_CASE("a process that died is not called invalid", "[validity]") {
  ProcessRecord dead = process_under(busy());
  dead.error = "the runner was killed";
  CHECK_FALSE(validate(dead, ClockPolicy::lock, {}));
}

TEST_CASE("an invalid process that was made good does not count, and is noted", "[validity]") {
  RunRecord run = good_run();
  // The second process has a neighbour and is three times slower; a valid one follows.
  run.processes[1].conditions = busy();
  run.processes[1].timings[0].iq_mean_s *= 3;
  CHECK_FALSE(invalid_run(run));
  CHECK(view_case(run, case_of("o_proj")).durations_s.size() == 4);
  const Report report = validity_report_of(run);
  CHECK(report.exit_code == ExitCode::pass);
  REQUIRE_FALSE(report.notes.empty());
  CHECK_THAT(report.notes.back(), ContainsSubstring("timing process 2 of 6 does not count") &&
                                      ContainsSubstring("4242"));
}

TEST_CASE("processes that the same thing spoiled are one note", "[validity]") {
  RunRecord run = good_run();
  for (const std::size_t i : {1u, 2u, 3u}) run.processes[i].conditions = busy();
  const std::vector<std::string> notes = validity_notes(run);
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0], StartsWith("timing process 2 of 6 and 2 more do not count: ") &&
                           ContainsSubstring("4242"));
}

TEST_CASE("on invalid evidence a case is never regressed and never a pass", "[validity]") {
  for (const double slower : {0.5, 1.0, 3.0})
    for (const Conditions& bad : {busy(), with_event(0x40)}) {
      RunRecord run = good_run(slower);
      for (ProcessRecord& process : run.processes) process.conditions = bad;
      const Report report = validity_report_of(run);
      CHECK(report.count(Verdict::invalid) == report.cases.size());
      CHECK(report.exit_code == ExitCode::no_verdict);
      // It is no pass either when only the last timing process is spoiled, whose first try was
      // spoiled too.
      run = good_run(slower);
      run.processes[4].conditions = bad;
      CHECK(validity_report_of(run).count(Verdict::invalid) == report.cases.size());
    }
}

TEST_CASE("invalid counters do not count, the durations still do", "[validity]") {
  RunRecord run = good_run();
  run.processes.back().conditions = busy();
  const Report report = validity_report_of(run);
  CHECK(report.exit_code == ExitCode::pass);
  CHECK_FALSE(report.cases.at(0).metrics.at("ipc").head);
}

TEST_CASE("other settings than the baseline's are invalid, each by name", "[validity]") {
  const auto why = [](auto change, auto change_base) {
    RunRecord run = good_run(3);
    run.gpu->ecc = true;
    run.gpu->mig = false;
    run.gpu->power_limit_w = 700;
    Baseline baseline = baseline_of(small_plan(), {ten, five});
    baseline.gpu = *run.gpu;
    change(run);
    change_base(baseline);
    const Report report = make_report(run, baseline, strict_policy());
    for (const CaseReport& one : report.cases)
      if (one.reason != Reason::settings_differ) return std::string("not invalid");
    CHECK(report.exit_code == ExitCode::no_verdict);
    return report.cases.at(0).why;
  };
  const auto same = [](const auto&) {};
  CHECK(why(same, same) == "not invalid");
  CHECK_THAT(why([](RunRecord& run) { run.gpu->ecc = false; }, same),
             ContainsSubstring("ECC is off now, on in the baseline"));
  CHECK_THAT(why([](RunRecord& run) { run.gpu->mig = true; }, same),
             ContainsSubstring("MIG mode is on now, off in the baseline"));
  CHECK_THAT(why([](RunRecord& run) { run.gpu->power_limit_w = 400; }, same),
             ContainsSubstring("the power limit is 400 W now, 700 W in the baseline"));
  CHECK_THAT(why([](RunRecord& run) { run.clocks = ClockPolicy::verify; }, same),
             ContainsSubstring("the clocks are locked now, free in the baseline"));
  const auto set = [](const std::string& backend) {
    return [backend](RunRecord& run) { run.plan.sources.at(0).settings["gemm_backend"] = backend; };
  };
  CHECK_THAT(why(set("cublas"), same),
             ContainsSubstring("decode: gemm_backend is cublas now, auto in the baseline"));
  CHECK(why(set("own"), [](Baseline& baseline) {
          baseline.settings["decode"]["gemm_backend"] = "own";
        }) == "not invalid");
  // A baseline of before the random waits is of another method.
  CHECK_THAT(why(same, [](Baseline& baseline) { baseline.settings["decode"].erase("dither"); }),
             ContainsSubstring("decode: dither is up to 120 us now, not set in the baseline; "
                               "set it back, or run `perfgate baseline refresh`"));
  // A setting that only one side has differs, too; a source that the baseline lacks has no cases
  // there.
  CHECK_THAT(why([](RunRecord& run) { run.plan.sources.at(0).settings["tuning"] = "x"; }, same),
             ContainsSubstring("decode: tuning is x now, not set in the baseline"));
  CHECK_THAT(why(same, [](Baseline& baseline) { baseline.settings["decode"]["tuning"] = "x"; }),
             ContainsSubstring("decode: tuning is not set now, x in the baseline"));
  CHECK(why(same, [](Baseline& baseline) { baseline.settings.clear(); }) == "not invalid");
  CHECK(why([](RunRecord& run) { run.gpu->power_limit_w = 700.4; }, same) == "not invalid");
  CHECK(why([](RunRecord& run) { run.gpu->ecc.reset(); }, same) == "not invalid");
  CHECK(why([](RunRecord& run) { run.clocks = ClockPolicy::verify; },
            [](Baseline& baseline) { baseline.clocks = ClockPolicy::lock; }) == "not invalid");
}

TEST_CASE("a power cap is noted where the clocks are free", "[validity]") {
  RunRecord run = good_run();
  run.processes[0].conditions = with_event(0x4);
  const Report report = validity_report_of(run);
  CHECK(report.exit_code == ExitCode::pass);
  CHECK_THAT(report.notes.back(), ContainsSubstring("in 1 of 6 processes (sw_power_cap)"));
}
