// SPDX-License-Identifier: Apache-2.0
// Computes every number of docs/method.md again: when a constant, policy or rule changes, the page
// must change too. The numbers of the simulated runs are in simulation_test.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "gate/cli/project.h"
#include "gate/config/config.h"
#include "gate/config/make_plan.h"
#include "gate/judge/conclusion.h"
#include "gate/judge/verdict.h"
#include "gate/record/metric.h"
#include "gate/record/plan.h"
#include "gate/record/record.h"
#include "gate/run/machine_drift.h"
#include "gate/util/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Returns the page on one line, for phrases that continue in the next one.
std::string page() {
  std::string text = source_file("docs/method.md"), out;
  for (const char c : text)
    if (c != '\n' && c != ' ')
      out += c;
    else if (!out.ends_with(' '))
      out += ' ';
  return out;
}

Config shipped() {
  return load_config({std::filesystem::path(PERFGATE_SOURCE_DIR) / "configs" / "perfgate.toml"});
}

/// Returns the effect that is seen or proved nine times in ten at this alpha, on the log scale.
double detectable(double error, double freedom, double alpha) {
  return std::log1p(change_of({0, error, freedom}, alpha).detectable);
}

/// Checks that the page has this phrase.
template <class... Args>
void says(fmt::string_view phrase, const Args&... args) {
  const std::string text = fmt::vformat(phrase, fmt::make_format_args(args...));
  INFO("docs/method.md should say: " << text);
  const bool is_said = page().find(text) != std::string::npos;
  CHECK(is_said);
}

}  // namespace

TEST_CASE("the method's processes and samples are the shipped policy's", "[method]") {
  const MeasurePolicy measure = shipped().measure;
  says("It takes {} samples of each stage or more", measure.samples);
  // There are 16 sets of activations at each of 4 placements, as in the shipped recording.
  says("(64 of a layer, each over all resident layers)");
  const RunRecord run = recorded("h100");
  for (const ProcessRecord& process : run.processes)
    for (const Timing& timing : process.timings)
      CHECK(timing.count >= (timing.case_id.ends_with("/layer") ? 64 : measure.samples));
  says("A **run** is {} timing processes", measure.processes);
  says("a **baseline** is {} timing processes or more in {} sessions or more",
       measure.baseline_processes, measure.baseline_sessions);
  says("the process statistics of {} processes in {} sessions, stored", measure.baseline_processes,
       measure.baseline_sessions);
  says("With {} pairs a true change", measure.processes);
  says("each of the {} processes runs beside one of the base build", measure.processes);
  says("A baseline: {} timing processes and {} of counters", measure.baseline_processes,
       measure.baseline_sessions);
  says("whose screen has {} more", measure.processes);
  says("A run: 1 process of counters, {} of timing", measure.processes);
  // A median moves by one tick of the timestamps.
  says("tick by 32 ns: the median of a 3 us kernel moves in steps of {:.1f} %", 100 * 0.032 / 3);
}

TEST_CASE("the method's placements and activation sets are the runner's", "[method]") {
  CHECK_THAT(source_file("kernels/decode/timing.h"),
             ContainsSubstring("std::array<std::size_t, 4> placement_pages{13, 5, 2, 0};"));
  says("at four placements of the buffers (behind 0, 2, 5 and 13 pages of padding)");
  CHECK_THAT(source_file("kernels/decode/decode_step.h"),
             ContainsSubstring("activation_sets = 16;"));
  says("on the next of 16 sets of activations");
  CHECK_THAT(source_file("kernels/decode/counting.cpp"), ContainsSubstring("repetitions = 3;"));
  says("Counters are collected three times");
}

TEST_CASE("the method's thresholds are the shipped policy's", "[method]") {
  const JudgePolicy judge = shipped().judge;
  REQUIRE(judge.tolerances.size() == 1);
  says("its tolerance, {:.1f} %, or {:.1f} us where that is more: {:.0f} % of a 2 us kernel",
       100 * judge.tolerances[0].ratio, 1e6 * judge.floor_s, 100 * judge.floor_s / 2e-6);
  says("**Less than {:.1f} us** in any kernel", 1e6 * judge.floor_s);
  says("Where all of the baseline is of one other board, {:.0f} % more", 100 * judge.other_board);
  says("the threshold is {:.0f} % wider", 100 * judge.other_board);
  says("never taken below {:.1f} % (`session_percent`)", 100 * judge.spread.session);
  says("A baseline of one session has only these {:.1f} %", 100 * judge.spread.session);
  says("which counts for {:.0f} degrees of freedom", judge.spread.freedom);
  says("wrong {:.0f} times in 100 each (`screen_alpha`; {:.0f} with `--thorough`)",
       100 * judge.screen_alpha, 100 * judge.thorough_screen_alpha);
  says("one-sided limits, wrong {:.0f} times in 100 each", 100 * judge.screen_alpha);
  REQUIRE(judge.metric_tolerances.size() == 2);
  CHECK(judge.metric_tolerances[0].metric == "instructions");
  CHECK(judge.metric_tolerances[1].metric == "hbm_read");
  CHECK(judge.metric_tolerances[0].ratio == judge.metric_tolerances[1].ratio);
  CHECK(judge.metric_tolerances[0].floor == 0);
  says("worse by more than {:.1f} % (and, for bytes, {:.1f} MB)",
       100 * judge.metric_tolerances[1].ratio, judge.metric_tolerances[1].floor / 1e6);
  says("within {:.1f} % *near*", 100 * near_limit);
}

TEST_CASE("a run is blind where the page says so", "[method]") {
  says("could only have seen 5 times the threshold or more");
  // Two values at exp(+-s / sqrt(2)) on each side give a pooled error of s, with 2 degrees of
  // freedom.
  const auto conclusion = [](double detectable_ratio) {
    const double s = std::log1p(detectable_ratio) / detectable(1, 2, 0.05);
    const std::vector<double> values{std::exp(s / std::sqrt(2)), std::exp(-s / std::sqrt(2))};
    Evidence evidence;
    evidence.baseline = {{values, 0}};
    evidence.screen_s = values;
    return conclude(evidence, {0.01, 0.05}, {});
  };
  CHECK(conclusion(0.049) == Conclusion::unflagged);
  CHECK(conclusion(0.051) == Conclusion::unconfirmed);
}

TEST_CASE("the method's looks and levels are the code's", "[method]") {
  const JudgePolicy judge = shipped().judge;
  const std::size_t cases = make_plan(shipped(), {}).cases.size();
  says("looked at after {}, {} and {}.", looks[0], looks[1], looks[2]);
  says("each look may use up a third of the error");
  CHECK_THAT(3 * look_alpha(judge.alpha), WithinRel(judge.alpha, 1e-12));
  const std::vector<double> levels =
      holm_levels(std::vector<double>(cases, 0.5), look_alpha(judge.alpha));
  says("with α = {} and {} cases the smallest p needs {:.1e}", judge.alpha, cases,
       *std::min_element(levels.begin(), levels.end()));
  says("calls *any* case slower is at most {:.1f} %", 100 * judge.alpha);
  says("up to {} more, or {} with a base build; {} or {} where the first looks settle it", looks[2],
       2 * looks[2], looks[0], looks[1]);
}

TEST_CASE("the method's detectable effects are the code's", "[method]") {
  const Config config = shipped();
  const double pairs = config.measure.processes;
  const double screen_error = std::sqrt(2 / pairs);
  // Worked out without the code: t(0.95, 4) = 2.1318, t(0.9, 4) = 1.5332.
  CHECK_THAT(detectable(screen_error, pairs - 1, 0.05),
             WithinAbs((2.1318 + 1.5332) * std::sqrt(0.4), 1e-3));
  says("seen 9 times in 10 from {:.2f} standard deviations",
       detectable(screen_error, pairs - 1, config.judge.screen_alpha));
  says("({:.2f} with `--thorough`)",
       detectable(screen_error, pairs - 1, config.judge.thorough_screen_alpha));
  const double all = static_cast<double>(make_plan(config, {}).cases.size());
  says("| rounds | one case flagged | four flagged | all {} flagged |", all);
  const auto proved = [&](double rounds, double cases) {
    return detectable(std::sqrt(2 / rounds), rounds - 1, look_alpha(config.judge.alpha) / cases);
  };
  for (const double rounds : looks)
    says("| {} | {:.2f} | {:.2f} | {:.2f} |", rounds, proved(rounds, 1), proved(rounds, 4),
         proved(rounds, all));
  says("scatter by 0.3 %, {} rounds and one flagged case that is {:.1f} %", looks[2],
       0.3 * proved(looks[2], 1));
}

TEST_CASE("which sentinel counts is as the page says", "[method]") {
  says("moves its bytes at half of it or more, else the FMA roof's");
  const Sentinels then{1000, 1}, now{500, 1};  // bytes per second: half of then
  CHECK(machine_slowdown(then, now, 500, 1) == 1);
  CHECK(machine_slowdown(then, now, 499, 1) == 0);
}

TEST_CASE("the method names every exit code, and every reason that a duration gives", "[method]") {
  for (const ExitCodeInfo& info : exit_codes)
    says("| {} | {} |", static_cast<int>(info.code), info.meaning);
  for (const ReasonInfo& info : reasons)
    if (verdict_info(info.verdict).outcome == Outcome::judged) says("`{}`", info.id);
}
