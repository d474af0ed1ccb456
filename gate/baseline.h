// The stored reference of one GPU: baselines/<gpu>.toml. Canonical order and one line a metric, so
// that a refresh reads well in a diff. Written only by `perfgate baseline refresh`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record.h"

namespace perfgate {

struct BaselineCase {
  std::string id;
  std::vector<double> durations_s;        ///< one process statistic a process, not just a mean
  double slowest_s = 0;                   ///< the slowest placement that any of them saw
  std::map<std::string, double> metrics;  ///< SI, the median over the counter processes
  std::vector<KernelLaunch> kernels;
  Stabilities stability{};  ///< of the metrics; empty: nobody looked
};

struct Baseline {
  std::string gpu_id;
  GpuFingerprint gpu;
  ClockPolicy clocks = ClockPolicy::observe;
  std::string perfgate, commit, created, command;  ///< provenance
  std::optional<Sentinels> sentinels;              ///< medians over the processes
  std::vector<BaselineCase> cases;                 ///< in the plan's order

  const BaselineCase* find(std::string_view id) const;
};

/// What a run would be as a baseline. Cases without a timing are left out; `refresh` refuses them
/// before it comes here.
Baseline make_baseline(const RunRecord& run);

std::string write_baseline(const Baseline& baseline);

/// Strict: throws UsageError "file:line: key: text".
Baseline read_baseline(std::string_view text, const std::string& source);

/// One line a case that differs: old and new duration and the change; then added and removed ones.
std::vector<std::string> diff_baselines(const Baseline& before, const Baseline& after);

}  // namespace perfgate
