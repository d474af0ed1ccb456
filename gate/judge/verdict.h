// SPDX-License-Identifier: Apache-2.0
// The closed sets of verdicts and their reasons. Every printer iterates them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace perfgate {

enum class Verdict {
  pass,
  improved,
  regressed,
  accepted,
  fresh,
  inconclusive,
  invalid,
  missing,
  measured
};

/// Whether the verdict says something about the case's speed, or the case could not be judged.
enum class Outcome { judged, failed };

/// How JUnit counts a case. An undecided case is skipped where the run passes all the same
/// (on_inconclusive = "warn"), else it is an error.
enum class JunitKind { passed, failure, error, undecided };

/// The level at which a log annotates the verdict.
enum class Annotation { none, warning, error };

struct VerdictInfo {
  Verdict verdict;
  std::string_view id;
  Outcome outcome;
  int order;               ///< the worst comes first wherever rows are sorted by verdict
  std::string_view mark;   ///< one character that pages show
  std::string_view color;  ///< parameters of ANSI's SGR, for terminals
  JunitKind junit;
  Annotation annotation;
  std::string_view meaning;
};

inline constexpr std::array<VerdictInfo, 9> verdicts{{
    {Verdict::pass, "pass", Outcome::judged, 7, "✓", "32", JunitKind::passed, Annotation::none,
     "not slower than the tolerance allows"},
    {Verdict::improved, "improved", Outcome::judged, 6, "▲", "36", JunitKind::passed,
     Annotation::none, "proved to be faster by more than the tolerance"},
    {Verdict::regressed, "regressed", Outcome::judged, 0, "✗", "1;31", JunitKind::failure,
     Annotation::error, "proved to be slower"},
    {Verdict::accepted, "accepted", Outcome::judged, 4, "≈", "35", JunitKind::passed,
     Annotation::warning, "proved to be slower, and the change says that it is meant"},
    {Verdict::fresh, "new", Outcome::judged, 5, "+", "36", JunitKind::passed, Annotation::none,
     "measured for the first time: the change brings its baseline, and nothing judges it yet"},
    {Verdict::inconclusive, "inconclusive", Outcome::judged, 3, "?", "33", JunitKind::undecided,
     Annotation::warning, "this run could not tell; neither a pass nor a regression"},
    {Verdict::invalid, "invalid", Outcome::failed, 1, "!", "33", JunitKind::error,
     Annotation::warning, "measured, but not to be trusted"},
    {Verdict::missing, "missing", Outcome::failed, 2, "–", "33", JunitKind::error,
     Annotation::warning, "not measured, or nothing to compare it with"},
    {Verdict::measured, "measured", Outcome::judged, 8, "·", "0", JunitKind::passed,
     Annotation::none, "measured by `perfgate profile`, which judges nothing"},
}};

/// Returns the verdicts of a table, worst first.
template <std::size_t count>
constexpr std::array<Verdict, count> verdicts_by_order(
    const std::array<VerdictInfo, count>& table) {
  std::array<Verdict, count> out{};
  for (const VerdictInfo& info : table) out[static_cast<std::size_t>(info.order)] = info.verdict;
  return out;
}
constexpr auto verdicts_by_order() {
  return verdicts_by_order(verdicts);
}

const VerdictInfo& verdict_info(Verdict verdict);

enum class Reason {
  within_tolerance,
  not_flagged,
  not_confirmed,
  seems_faster,
  same_code_faster,
  faster,
  slower,
  more_work,
  meant,
  new_case,
  other_sequence,
  unconfirmed,
  too_noisy,
  two_speeds,
  environment,
  wrong_result,
  not_checked,
  kernels_changed,
  impossible,
  machine_moved,
  gpu_busy,
  throttled,
  clock_off,
  settings_differ,
  other_work,
  runner_failed,
  not_measured,
  too_few_processes,
  no_baseline,
  not_planned,
  profiled,
};

struct ReasonInfo {
  Reason reason;
  std::string_view id;     ///< in files
  std::string_view title;  ///< for people, in every format; four words at most
  Verdict verdict;         ///< the verdict that this reason always gives
  std::string_view meaning;
};

inline constexpr std::array<ReasonInfo, 31> reasons{{
    {Reason::within_tolerance, "within_tolerance", "within tolerance", Verdict::pass,
     "a slowdown beyond the tolerance is ruled out"},
    {Reason::not_flagged, "not_flagged", "no slowdown seen", Verdict::pass,
     "no slowdown was seen, but the scatter hides one a little above the tolerance"},
    {Reason::not_confirmed, "not_confirmed", "not confirmed", Verdict::pass,
     "looked slower at first; measured again in fresh processes, it was not"},
    {Reason::seems_faster, "seems_faster", "looks faster", Verdict::pass,
     "looks faster by more than the tolerance, but chance as its cause is not ruled out"},
    {Reason::same_code_faster, "same_code_faster", "faster with same code", Verdict::pass,
     "faster, but it is the baseline's machine code, launched in the same way"},
    {Reason::faster, "faster", "faster", Verdict::improved,
     "faster by more than the tolerance, and chance as its cause is ruled out; refresh the "
     "baseline to keep it"},
    {Reason::slower, "slower", "slower", Verdict::regressed,
     "the change exceeds the tolerance, and chance as its cause is ruled out"},
    {Reason::more_work, "more_work", "counter got worse", Verdict::regressed,
     "a counter that repeats got worse beyond its tolerance, whatever the clock says"},
    {Reason::meant, "meant", "slower, and meant", Verdict::accepted,
     "slower, or more work; the change accepts so much, and the policy lets it"},
    {Reason::new_case, "new_case", "added by this change", Verdict::fresh,
     "the change itself adds this case to the baseline; it counts from the merge on"},
    {Reason::other_sequence, "other_sequence", "launches other kernels", Verdict::fresh,
     "a kernel of a range that launches other kernels now; the range itself is judged"},
    {Reason::unconfirmed, "unconfirmed", "not measured again", Verdict::inconclusive,
     "looks slower, or too noisy to tell, and was not measured again"},
    {Reason::too_noisy, "too_noisy", "too noisy", Verdict::inconclusive,
     "the scatter between processes leaves both a pass and a regression possible"},
    {Reason::two_speeds, "two_speeds", "two speeds", Verdict::inconclusive,
     "its processes run at one of two speeds, and what all of them say does not hold at each"},
    {Reason::environment, "environment", "slower with same code", Verdict::inconclusive,
     "slower, but it is the baseline's machine code, launched in the same way"},
    {Reason::wrong_result, "wrong_result", "wrong result", Verdict::invalid,
     "the kernel's output is wrong; it was not timed"},
    {Reason::not_checked, "not_checked", "result not checked", Verdict::invalid,
     "no process compared the kernel's output with its reference"},
    {Reason::kernels_changed, "kernels_changed", "kernels not the same", Verdict::invalid,
     "the case ran other kernels in one process than in another"},
    {Reason::impossible, "impossible", "impossible value", Verdict::invalid,
     "faster than this GPU can be, or a counter that no GPU can count"},
    {Reason::machine_moved, "machine_moved", "not the same machine", Verdict::invalid,
     "the sentinels moved so far from the baseline's that its duration proves nothing"},
    {Reason::gpu_busy, "gpu_busy", "GPU was busy", Verdict::invalid,
     "another process was on the GPU; stop it or use a GPU that nothing else uses"},
    {Reason::throttled, "throttled", "throttled", Verdict::invalid,
     "heat or power held the clocks down; cool the GPU, or lock lower clocks"},
    {Reason::clock_off, "clock_off", "clock was off", Verdict::invalid,
     "a clock moved, or was not where it was to be locked; lock it"},
    {Reason::settings_differ, "settings_differ", "other settings", Verdict::invalid,
     "the baseline was measured with other settings; set them back or refresh it"},
    {Reason::other_work, "other_work", "other work", Verdict::invalid,
     "the case of this name did other work in the baseline; refresh it"},
    {Reason::runner_failed, "runner_failed", "runner failed", Verdict::missing,
     "the runner died or refused before it measured this case"},
    {Reason::not_measured, "not_measured", "not measured", Verdict::missing,
     "the runner could not measure this case"},
    {Reason::too_few_processes, "too_few_processes", "too few processes", Verdict::missing,
     "fewer than two processes measured this case"},
    {Reason::no_baseline, "no_baseline", "no baseline", Verdict::missing,
     "the baseline does not have this case"},
    {Reason::not_planned, "not_planned", "not planned", Verdict::missing,
     "the baseline has this case, but the run's plan does not"},
    {Reason::profiled, "profiled", "profiled", Verdict::measured,
     "there is no baseline to judge it by"},
}};

const ReasonInfo& reason_info(Reason reason);

}  // namespace perfgate
