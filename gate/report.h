// What a run amounts to. Everything that a printer needs stands here: nothing right of it looks at
// a threshold, a baseline file or a record again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exit_code.h"
#include "metric.h"
#include "stats.h"
#include "verdict.h"

namespace perfgate {

struct MetricPair {
  std::optional<double> base, head;  ///< SI
  bool doubtful = false;  ///< the head's: put together from several passes over too short kernels
};

struct CaseReport {
  std::string id;
  Reason reason = Reason::not_measured;
  std::string why;                       ///< the reason in words, with the numbers that it rests on
  std::optional<double> base_s, head_s;  ///< medians of the process statistics
  std::optional<Change> change;
  double tolerance = 0;  ///< ratio; what was held against the change
  double bytes = 0;      ///< that the case must move through DRAM
  std::map<std::string, MetricPair> metrics;
  std::vector<std::string> kernels;

  Verdict verdict() const { return reason_info(reason).verdict; }
};

enum class Source { live, replay, saved };

struct Report {
  Source source = Source::live;
  std::string perfgate, gpu_id, gpu_name;
  std::string conditions;  ///< one line: driver, CUDA, clocks, date of the run
  std::string against;     ///< one line: what it was compared with
  std::vector<Metric> metrics;
  std::vector<CaseReport> cases;
  std::vector<std::string> notes;  ///< what a reader must know beside the rows
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
