// What a run amounts to. Everything that a printer needs stands here: nothing right of it looks at
// a threshold, a baseline file or a record again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/diagnose/launch_match.h"
#include "gate/diagnose/roofline.h"
#include "gate/diagnose/root_cause.h"
#include "gate/diagnose/time_breakdown.h"
#include "gate/judge/metric_gate.h"
#include "gate/judge/verdict.h"
#include "gate/judge/verdict_basis.h"
#include "gate/record/metric.h"
#include "gate/record/record.h"
#include "gate/util/exit_code.h"
#include "gate/util/stats.h"

namespace perfgate {

/// What the timing processes saw of one case. Of a baseline only the process statistics are kept.
struct Distribution {
  std::vector<double> base_s, head_s;                ///< one process statistic each, of the screen
  std::vector<double> rounds_base_s, rounds_head_s;  ///< of the confirmation; base: the base build
  std::vector<Timing> processes;  ///< head's, of the screen: quartiles, and samples where kept
};

struct CaseReport {
  std::string id;
  Reason reason = Reason::not_measured;
  std::string why;                       ///< the reason in words, with the numbers that it rests on
  std::optional<double> base_s, head_s;  ///< medians of the process statistics
  std::optional<Change> change;
  double tolerance = 0;  ///< ratio; what was held against the change
  int rounds = 0;        ///< fresh rounds that it was measured again in
  double bytes = 0;      ///< that the case must move through DRAM
  MetricPairs metrics;
  std::vector<std::string> kernels;
  std::optional<Proof> proof;              ///< none: no evidence came to be weighed
  std::vector<MetricCheck> metric_checks;  ///< the metrics that may fail the gate
  // What analysis.h adds:
  Cause cause = Cause::unknown;
  std::string explanation;     ///< one sentence: what the counters say about the change
  std::optional<Split> split;  ///< of the counters' own duration
  std::optional<Roofline> base_roofline, roofline;
  CodeMatch code = CodeMatch::unknown;
  std::vector<KernelLaunch> base_launches, launches;  ///< none for a whole layer
  Distribution distribution;

  Verdict verdict() const { return reason_info(reason).verdict; }
};

/// Under what conditions one process of the run measured.
struct ProcessConditions {
  ProcessKind kind = ProcessKind::timing;
  Side side = Side::head;
  int round = 0;
  double wall_s = 0;
  std::optional<Sentinels> sentinels;
  std::optional<Conditions> conditions;
  std::string problem;  ///< why it does not count; "": it does
};

enum class Source { live, replay, saved };

struct Report {
  Source source = Source::live;
  std::string perfgate, gpu_id, gpu_name;
  std::string conditions;  ///< one line: driver, CUDA, clocks, date of the run
  std::string against;     ///< one line: what it was compared with
  std::vector<Metric> metrics;
  std::vector<CaseReport> cases;
  std::vector<std::string> notes;            ///< what a reader must know beside the rows
  std::vector<ProcessConditions> processes;  ///< in the order in which they ran
  std::vector<StepTimeline> timelines;       ///< of the build under test; none in older records
  double wall_s = 0;
  ExitCode exit_code = ExitCode::no_verdict;

  std::size_t count(Verdict verdict) const;
  std::size_t failed() const;  ///< cases of which nothing could be said
};

/// `perfgate: FAIL: 2 regressed, 37 passed, 1 inconclusive (h100, 8.4 s)`
std::string verdict_sentence(const Report& report);

/// PASS, FAIL, NO VERDICT
std::string_view verdict_word(ExitCode code);

/// "REPLAY of a recorded run, nothing was measured now", or "" for a live run.
std::string_view source_banner(Source source);

}  // namespace perfgate
