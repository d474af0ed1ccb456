// SPDX-License-Identifier: Apache-2.0
// What must not slip through: evidence that is missing, impossible, or about something else.
#include "gate/report/make_report.h"

#include <algorithm>

#include "gate/record/metric.h"
#include "gate/util/text.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Returns the report on o_proj and silu_mul, which would pass, after `spoil` has changed them.
template <class Spoil>
Report spoilt(Spoil spoil, const std::vector<std::string>& stages = {"o_proj", "silu_mul"}) {
  const Plan plan = small_plan(stages);
  const Microseconds us(plan.cases.size(), around(10));
  RunRecord run = run_of(plan, us);
  Baseline baseline = baseline_of(plan, us);
  spoil(run, baseline);
  return make_report(run, baseline, strict_policy());
}

/// Lets each counters process count these for o_proj.
void count(RunRecord& run, const std::map<std::string, double>& values) {
  for (ProcessRecord& process : run.processes)
    if (!process.metrics.empty()) process.metrics[0].values = values;
}

}  // namespace

TEST_CASE("a case whose output was never compared with its reference is invalid", "[evidence]") {
  const auto unchecked = [](RunRecord& run, Baseline&) {
    for (ProcessRecord& process : run.processes)
      std::erase_if(process.checks,
                    [](const auto& check) { return check.case_id == case_of("o_proj"); });
  };
  const Report report = spoilt(unchecked);
  CHECK(report.cases[0].reason == Reason::not_checked);
  CHECK(report.cases[0].verdict() == Verdict::invalid);
  CHECK(report.cases[1].verdict() == Verdict::pass);
  CHECK(report.exit_code == ExitCode::no_verdict);
  // One process is enough: the others need not repeat it.
  CHECK(spoilt([](RunRecord& run, Baseline&) {
          for (std::size_t i = 1; i < run.processes.size(); ++i) run.processes[i].checks.clear();
        }).exit_code == ExitCode::pass);
  // A check of the base build says nothing about the build under test.
  CHECK(spoilt([](RunRecord& run, Baseline&) {
          ProcessRecord base = run.processes[0];
          base.side = Side::base;
          base.round = 1;
          base.timings.clear();
          for (ProcessRecord& process : run.processes) process.checks.clear();
          run.processes.push_back(base);
        })
            .cases[1]
            .reason == Reason::not_checked);
  // The whole layer is checked by its stages; a program has no reference at all.
  CHECK(spoilt(
            [](RunRecord& run, Baseline&) {
              run.plan.cases[0].work = {};  // whose bytes take longer than 10 us
              for (ProcessRecord& process : run.processes) process.checks.clear();
            },
            {"layer"})
            .exit_code == ExitCode::pass);
  CHECK(spoilt([](RunRecord& run, Baseline& baseline) {
          run.plan.sources[0] = {"my app", Json::object(), {}};
          baseline.settings = {};
          for (ProcessRecord& process : run.processes) process.checks.clear();
        }).exit_code == ExitCode::pass);
}

TEST_CASE("a duration that the memory cannot reach is invalid", "[evidence]") {
  // 42 MB in 10 us is 4.2 TB/s, 1.05 times the sentinels' 4 TB/s.
  const auto with_bytes = [](double read, double write) {
    return spoilt([&](RunRecord& run, Baseline&) {
             count(run, {{"hbm_read", read}, {"hbm_write", write}});
           })
        .cases[0];
  };
  CHECK(with_bytes(40e6, 1.9e6).verdict() == Verdict::pass);
  const CaseReport fast = with_bytes(40e6, 2.1e6);
  CHECK(fast.reason == Reason::impossible);
  CHECK_THAT(fast.why, ContainsSubstring("9.99 us") && ContainsSubstring("at least") &&
                           ContainsSubstring("4000 GB/s"));
  // One process that was too fast is enough, and so is one of the baseline's.
  CHECK(spoilt([](RunRecord& run, Baseline&) {
          count(run, {{"hbm_read", 30e6}, {"hbm_write", 0}});
          run.processes[2].timings[0].iq_mean_s = 7e-6;
        })
            .cases[0]
            .reason == Reason::impossible);
  const CaseReport stored = spoilt([](RunRecord&, Baseline& baseline) {
                              baseline.cases[0].metrics = {{"hbm_read", 30e6}, {"hbm_write", 0}};
                              baseline.cases[0].sessions_s[1][3] = 7e-6;
                            }).cases[0];
  CHECK(stored.reason == Reason::impossible);
  CHECK_THAT(stored.why, StartsWith("the baseline: 7 us"));
  // Each side has its own bytes: what reads half as much may take half the time.
  CHECK(spoilt([](RunRecord& run, Baseline& baseline) {
          count(run, {{"hbm_read", 20e6}, {"hbm_write", 0}});
          for (ProcessRecord& process : run.processes)
            if (!process.timings.empty()) process.timings[0].iq_mean_s /= 2;
          baseline.cases[0].metrics = {{"hbm_read", 40e6}, {"hbm_write", 0}};
        })
            .cases[0]
            .reason == Reason::faster);
  // Without counters the bytes of the work count, less what the L2 may hold: 63 of 105 MB.
  const auto with_work = [](double bytes) {
    return spoilt([&](RunRecord& run, Baseline&) { run.plan.cases[0].work.dram_bytes = bytes; })
        .cases[0]
        .reason;
  };
  CHECK(with_work(104e6) != Reason::impossible);
  CHECK(with_work(106e6) == Reason::impossible);
}

TEST_CASE("more operations than the FMA units do, and counts below zero", "[evidence]") {
  // The sentinels' 60 TFLOP/s are 630 million operations in 10 us, at 1.05 times.
  const auto with_operations = [](double operations, Pipe pipe) {
    return spoilt([&](RunRecord& run, Baseline&) {
             run.plan.cases[1].work.operations = operations;
             run.plan.cases[1].work.pipe = pipe;
           })
        .cases[1]
        .reason;
  };
  CHECK(with_operations(620e6, Pipe::fp32) != Reason::impossible);
  CHECK(with_operations(640e6, Pipe::fp32) == Reason::impossible);
  CHECK(with_operations(640e6, Pipe::tensor) != Reason::impossible);  // its roof is not measured
  const CaseReport negative = spoilt([](RunRecord& run, Baseline&) {
                                count(run, {{"ipc", -0.25}});
                              }).cases[0];
  CHECK(negative.reason == Reason::impossible);
  CHECK(negative.why == "ipc is -0.25, which is below 0");
}

TEST_CASE("counters that no GPU has are no evidence, on either side", "[evidence]") {
  const std::vector<Metric> known =
      parse_metrics(source_file("configs/metrics.toml"), "metrics.toml");
  struct Row {
    const char* id;
    double possible, impossible;
    const char* why;
  };
  for (const Row& row : {
           Row{"ipc", 4, 1000, "ipc is 1e+03 a cycle, 4 are the most"},
           Row{"instructions", 1, 0, "instructions is 0, but its kernels ran"},
           Row{"sm_clock", 3e9, 9e12, "sm_clock is 9000 GHz"},
           Row{"hbm_throughput", 1, 7.5, "hbm_throughput is 750 % of a whole"},
           Row{"l2_hit_rate", 1.73, 7.5, "l2_hit_rate is 750 % of a whole"},  // a share
           Row{"l1_hit_rate", 1, 7.5,
               "l1_hit_rate is 750 % of a whole"},  // a counter over its whole
       }) {
    const auto with = [&](double head, double base) {
      return spoilt([&](RunRecord& run, Baseline& baseline) {
               run.plan.metrics = known;
               count(run, {{row.id, head}});
               baseline.cases[0].metrics = {{row.id, base}};
               baseline.definitions.clear();
             })
          .cases[0];
    };
    INFO(row.id);
    CHECK(with(row.possible, row.possible).reason != Reason::impossible);
    const CaseReport head = with(row.impossible, row.possible);
    CHECK(head.reason == Reason::impossible);
    CHECK(head.verdict() == Verdict::invalid);
    CHECK(head.why == row.why);
    CHECK(with(row.possible, row.impossible).why == std::string("the baseline: ") + row.why);
  }
}

TEST_CASE("a case that the baseline has and the run did not plan is missing", "[evidence]") {
  const auto drop = [](RunRecord& run, Baseline&) {
    run.plan.cases.pop_back();
    for (ProcessRecord& process : run.processes) {
      if (!process.timings.empty()) process.timings.pop_back();
      if (!process.metrics.empty()) process.metrics.pop_back();
    }
  };
  const Report report = spoilt(drop);
  REQUIRE(report.cases.size() == 2);
  const CaseReport& gone = report.cases[1];
  CHECK(gone.id == case_of("silu_mul"));
  CHECK(gone.group + "/" + gone.part == gone.id);
  CHECK(gone.part == "silu_mul");
  CHECK(gone.reason == Reason::not_planned);
  CHECK(gone.verdict() == Verdict::missing);
  CHECK(gone.base_s.value() == Approx(10e-6));
  CHECK(report.exit_code == ExitCode::no_verdict);
  // --only says what is owed.
  const auto only = [&](const char* glob) {
    return spoilt([&](RunRecord& run, Baseline& baseline) {
             drop(run, baseline);
             run.only = {glob};
           })
        .cases.size();
  };
  CHECK(only("*/o_proj") == 1);
  CHECK(only("*/*") == 2);
}

TEST_CASE("what the policy that judges would measure is owed, whatever the run has", "[evidence]") {
  const Plan plan = small_plan({"o_proj", "silu_mul"});
  const Microseconds us(2, around(10));
  RunRecord run = run_of(plan, us);
  run.plan.sources[0].id = "program decode-step";
  run.plan.cases.pop_back();
  Baseline baseline = baseline_of(plan, us);
  JudgePolicy policy = strict_policy();
  const auto judged = [&](const char* owed) {
    policy.owed_source = owed;
    return make_report(run, baseline, policy).cases;
  };
  CHECK(make_report(run, baseline, policy).cases.size() == 1);
  const std::vector<CaseReport> cases = judged("decode");
  REQUIRE(cases.size() == 2);
  CHECK(cases[1].id == case_of("silu_mul"));
  CHECK(cases[1].reason == Reason::not_planned);
  CHECK_THAT(cases[1].why, StartsWith("the policy that judges measures the suite, this run"));
  CHECK(judged("program decode").size() == 1);
  // The baseline has the program's cases beside the suite's.
  baseline.settings["program decode"];
  baseline.cases[1].id = "decode/step/range";
  CHECK(judged("decode").size() == 1);
  CHECK_THAT(judged("program decode").at(1).why,
             StartsWith("the policy that judges measures program decode, this run"));
}

TEST_CASE("a case of the same name that does other work is not compared", "[evidence]") {
  const std::string name = work_setting("llama-2-7b/b1/s1024/fp16");
  const auto reasons_of = [&](const auto& change) {
    const Report report = spoilt(change);
    return std::pair(report.cases[0].reason, report.cases[1].reason);
  };
  const auto both = [](Reason reason) { return std::pair(reason, reason); };
  CHECK(reasons_of([&](RunRecord&, Baseline& baseline) {
          baseline.settings["decode"][name] = "hidden 8192";
        }) == both(Reason::other_work));
  const Report report = spoilt(
      [&](RunRecord&, Baseline& baseline) { baseline.settings["decode"][name] = "hidden 8192"; });
  CHECK_THAT(report.cases[0].why,
             StartsWith("it is hidden 4096, ") && ContainsSubstring("hidden 8192 in the baseline"));
  // An older baseline does not say; another group's shape is none of these cases' business.
  CHECK(reasons_of([&](RunRecord&, Baseline& baseline) {
          baseline.settings["decode"].erase(name);
          baseline.settings["decode"][work_setting("another")] = "x";
        }) == both(Reason::within_tolerance));
  CHECK(reasons_of([](RunRecord& run, Baseline&) { run.plan.seed = 8; }) ==
        both(Reason::settings_differ));
  CHECK(reasons_of([](RunRecord& run, Baseline& baseline) {
          run.plan.seed = 8;
          baseline.seed.reset();
        }) == both(Reason::within_tolerance));
}

TEST_CASE("a metric of another definition is not compared, and the report says so", "[evidence]") {
  const auto with = [](const auto& change) {
    return spoilt([&](RunRecord& run, Baseline& baseline) {
      for (ProcessRecord& process : run.processes)
        for (CaseMetrics& metrics : process.metrics) metrics.stability["ipc"] = Stability::exact;
      baseline.cases[0].stability["ipc"] = Stability::exact;
      count(run, {{"ipc", 0.5}});  // twice the baseline's, which is worse either way
      change(run, baseline);
    });
  };
  CHECK(with([](RunRecord&, Baseline&) {}).cases[0].metrics.at("ipc").base == 0.25);
  const auto changes = {+[](Metric& metric) { metric.scale = 2; },
                        +[](Metric& metric) { metric.operands = {{"other"}}; },
                        +[](Metric& metric) { metric.worse = Worse::lower; },
                        +[](Metric& metric) { metric.across = AcrossKernels::max; }};
  for (const auto& change : changes) {
    const Report report = with([&](RunRecord& run, Baseline&) { change(run.plan.metrics[0]); });
    CHECK_FALSE(report.cases[0].metrics.at("ipc").base);
    CHECK(std::count_if(report.notes.begin(), report.notes.end(), [](const std::string& note) {
            return note == "not compared, for the baseline defines them otherwise: ipc; refresh it";
          }) == 1);
  }
}

TEST_CASE("a case that the change adds to the baseline itself is new, and no failure",
          "[evidence]") {
  const auto add = [](RunRecord&, Baseline& baseline) {
    baseline.cases.pop_back();
    baseline.added = {case_of("silu_mul")};
  };
  const Report report = spoilt(add);
  CHECK(report.cases[1].reason == Reason::new_case);
  CHECK(report.cases[1].verdict() == Verdict::fresh);
  CHECK(report.exit_code == ExitCode::pass);
  CHECK_THAT(verdict_sentence(report), ContainsSubstring("1 passed, 1 new"));
  const auto notes = [](const Report& of) { return join(of.notes, "\n"); };
  CHECK_THAT(notes(report), !ContainsSubstring("nothing was compared"));
  // Where every case is new, the run passes and says that it compared nothing.
  const Report all_new = spoilt([](RunRecord&, Baseline& baseline) {
    for (const BaselineCase& stored : baseline.cases) baseline.added.insert(stored.id);
    baseline.cases.clear();
  });
  CHECK(all_new.exit_code == ExitCode::pass);
  CHECK_THAT(notes(all_new), ContainsSubstring("nothing was compared"));
  // A wrong one is still wrong, and one that brings no baseline is missing it.
  CHECK(spoilt([&](RunRecord& run, Baseline& baseline) {
          add(run, baseline);
          run.processes[1].checks[1].passed = false;
        })
            .cases[1]
            .reason == Reason::wrong_result);
  CHECK(spoilt([&](RunRecord& run, Baseline& baseline) {
          add(run, baseline);
          baseline.added = {"another/case"};
        }).exit_code == ExitCode::no_verdict);
}

TEST_CASE("the base build's wrong result judges nothing", "[evidence]") {
  const CaseReport judged = spoilt([](RunRecord& run, Baseline&) {
                              ProcessRecord base;
                              base.side = Side::base;
                              base.round = 1;
                              base.checks = {{case_of("o_proj"), 0.25, 1e-3, 4096, false}};
                              run.processes.push_back(base);
                            }).cases[0];
  CHECK(judged.reason == Reason::wrong_result);
  CHECK_THAT(judged.why, StartsWith("the base build: error 2.50e-01"));
}

TEST_CASE("the same code and launch with another amount of work: the data, not the machine",
          "[evidence]") {
  const auto judged = [](double now, double factor) {
    Plan plan = small_plan({"o_proj"});
    plan.metrics = {simple_metric("instructions", Unit::count)};
    plan.metrics[0].worse = Worse::higher;
    RunRecord run = run_of(plan, {around(10 * factor)}), base = run_of(plan, {around(10)});
    for (RunRecord* side : {&run, &base})
      for (ProcessRecord& process : side->processes) {
        for (CaseKernels& kernels : process.kernels) kernels.launches[0].code = "0123456789abcdef";
        for (CaseMetrics& metrics : process.metrics) {
          metrics.values = {{"instructions", side == &run ? now : 1000}};
          metrics.stability = {{"instructions", Stability::exact}};
        }
      }
    JudgePolicy policy = strict_policy();
    policy.metric_tolerances = {{"instructions", "*", 0.005, 0, "test"}};
    return make_report(run, make_baseline(base), policy).cases[0];
  };
  // Slower with the same work is the machine's doing.
  CHECK(judged(1000, 1.1).reason == Reason::environment);
  // More work, or less work in more time, is the change's doing.
  const CaseReport more = judged(1100, 1.1);
  CHECK(more.reason == Reason::more_work);
  CHECK_THAT(more.why, ContainsSubstring("an argument or the data changed") &&
                           !ContainsSubstring("the machine,"));
  const CaseReport less = judged(900, 1.1);
  CHECK(less.reason == Reason::slower);
  CHECK_THAT(less.why, ContainsSubstring("an argument or the data changed: instructions -10.0 %"));
  CHECK(judged(1000, 0.9).reason == Reason::same_code_faster);
  CHECK(judged(900, 0.9).reason == Reason::faster);
}

TEST_CASE("a range that launches other kernels says which", "[evidence]") {
  // The layer stands for a range, its parts for the range's kernels.
  RunRecord run =
      run_of(small_plan({"o_proj", "silu_mul", "layer"}), {around(10), around(5), around(15)});
  Baseline baseline = baseline_of(run.plan, {around(10), around(5), around(15)});
  run.plan.sources[0].id = "program app";
  for (Case& one : run.plan.cases) one.work = {};  // a program's is not known
  baseline.settings.clear();
  const std::string range = run.plan.cases.back().id;
  REQUIRE_FALSE(run.plan.cases.back().whole_of.empty());
  const auto launch = [](const char* name) { return KernelLaunch{name, {1, 1, 1}, {32, 1, 1}}; };
  baseline.cases.back().kernels = {launch("gemm<1>"), launch("norm")};
  for (ProcessRecord& process : run.processes) {
    std::erase_if(process.kernels, [&](const CaseKernels& one) { return one.case_id == range; });
    process.kernels.push_back({range, {launch("gemm<2>"), launch("copy"), launch("norm")}});
  }
  const Report report = make_report(run, baseline, strict_policy());
  CHECK(report.cases[0].reason == Reason::other_sequence);
  CHECK(report.cases.back().verdict() == Verdict::pass);
  CHECK(std::count(report.notes.begin(), report.notes.end(),
                   range + " launches other kernels than in the baseline: one copy more") == 1);
}
