// SPDX-License-Identifier: Apache-2.0
#include "gate/run/run_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "gate/run/validity.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Returns false when `more` are not the same launches as `known`. A code that only `more` knows is
/// added, so that the next process is compared with it too.
bool add_launches(std::vector<KernelLaunch>& known, const std::vector<KernelLaunch>& more) {
  if (!std::equal(known.begin(), known.end(), more.begin(), more.end(), same_launch)) return false;
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i].code.empty()) known[i].code = more[i].code;
  return true;
}

/// A view while the processes are read in turn.
struct GrowingView {
  CaseView view;
  std::map<std::string, std::vector<double>> metrics;
  std::map<int, std::array<std::optional<double>, sides.size()>> rounds;
  bool kernels_seen = false;
};
using GrowingViews = std::unordered_map<std::string_view, GrowingView>;

void add_process(GrowingViews& views, const ProcessRecord& process, bool counts) {
  if (counts)
    for (const Timing& timing : process.timings) {
      GrowingView& growing = views[timing.case_id];
      if (process.round > 0) {
        if (process.side == Side::head) growing.view.rounds_timings.push_back(&timing);
        growing.rounds[process.round][static_cast<std::size_t>(process.side)] = timing.iq_mean_s;
        continue;
      }
      if (process.side == Side::base) {
        growing.view.durations_base_s.push_back(timing.iq_mean_s);
        continue;
      }
      growing.view.durations_s.push_back(timing.iq_mean_s);
      growing.view.timings.push_back(&timing);
    }
  if (process.side == Side::base) return;  // a fault of the base build is not this build's
  if (counts)
    for (const CaseMetrics& counted : process.metrics) {
      GrowingView& growing = views[counted.case_id];
      if (process.round > 0) {
        for (const auto& [id, value] : counted.values) growing.view.explaining[id] = value;
        growing.view.doubtful_explaining.insert(counted.doubtful.begin(), counted.doubtful.end());
        continue;
      }
      for (const auto& [id, value] : counted.values) growing.metrics[id].push_back(value);
      for (const auto& [id, stability] : counted.stability)
        growing.view.stability[id] = std::max(growing.view.stability[id], stability);
      growing.view.doubtful.insert(counted.doubtful.begin(), counted.doubtful.end());
    }
  for (const CaseKernels& kernels : process.kernels) {
    GrowingView& growing = views[kernels.case_id];
    if (!growing.kernels_seen) growing.view.kernels = kernels.launches;
    if (!add_launches(growing.view.kernels, kernels.launches)) growing.view.kernels_changed = true;
    growing.kernels_seen = true;
  }
  for (const CaseCheck& check : process.checks) {
    if (!check.passed) views[check.case_id].view.failed_check = &check;
    if (check.passed) views[check.case_id].view.checked = true;
  }
  for (const CaseFailure& failure : process.failures)
    if (auto& first = views[failure.case_id].view.failure; !first) first = failure.why;
}

CaseView grown(GrowingView&& growing, bool base_ran) {
  // A screen beside a base build is of pairs; a process whose partner was lost is none.
  if (CaseView& view = growing.view; !view.durations_base_s.empty()) {
    const std::size_t pairs = std::min(view.durations_s.size(), view.durations_base_s.size());
    view.durations_s.resize(pairs);
    view.timings.resize(pairs);
    view.durations_base_s.resize(pairs);
  }
  for (const auto& [round, durations] : growing.rounds) {
    const auto& [head, base] = durations;
    // A round in which one side was lost is not a pair.
    if (!head || (base_ran && !base)) continue;
    growing.view.rounds_s.push_back(*head);
    if (base) growing.view.rounds_base_s.push_back(*base);
  }
  for (const auto& [id, values] : growing.metrics) growing.view.metrics[id] = median(values);
  // A metric that repeats within every process, but not between processes, does not repeat.
  for (auto& [id, stability] : growing.view.stability)
    if (const auto& values = growing.metrics[id]; values.size() > 1)
      stability = std::max(stability, stability_of(values));
  return std::move(growing.view);
}

}  // namespace

CaseViews::CaseViews(const RunRecord& run) {
  GrowingViews growing;
  bool base_ran = false;
  for (const ProcessRecord& process : run.processes) {
    // An invalid measurement proves no duration; its kernels and checks still count.
    add_process(growing, process, !validate(process, run));
    base_ran = base_ran || process.side == Side::base;
  }
  for (auto& [id, entry] : growing) m_views.emplace(id, grown(std::move(entry), base_ran));
}

const CaseView& CaseViews::operator[](std::string_view case_id) const {
  static const CaseView nothing;
  const auto found = m_views.find(case_id);
  return found == m_views.end() ? nothing : found->second;
}

bool lacks_check(const Case& planned, const Plan& plan, const CaseView& view) {
  return planned.source < plan.sources.size() && has_checks(plan.sources[planned.source]) &&
         planned.whole_of.empty() && !view.checked;
}

void keep_cases(RunRecord& run, const std::vector<std::string>& globs) {
  if (globs.empty()) return;
  const bool cut_down = !run.only.empty();
  const auto wanted = [&](const std::string& id) { return matches_any(globs, id); };
  std::erase_if(run.plan.cases, [&](const Case& entry) { return !wanted(entry.id); });
  // Of a run that was cut down before, both choices hold, and together they are no list of globs.
  run.only = cut_down ? case_ids(run.plan) : globs;
  const auto unwanted = [&](const auto& entry) { return !wanted(entry.case_id); };
  for (ProcessRecord& process : run.processes) {
    std::erase_if(process.checks, unwanted);
    std::erase_if(process.kernels, unwanted);
    std::erase_if(process.timings, unwanted);
    std::erase_if(process.metrics, unwanted);
    std::erase_if(process.failures, unwanted);
    std::erase_if(process.timelines, [&](const StepTimeline& timeline) {
      return !has_group(run.plan, timeline.group);
    });
  }
}

RunRecord base_side(const RunRecord& run) {
  RunRecord base = run;
  base.processes.clear();
  std::copy_if(run.processes.begin(), run.processes.end(), std::back_inserter(base.processes),
               [](const ProcessRecord& process) { return process.side == Side::base; });
  for (ProcessRecord& process : base.processes) {
    process.side = Side::head;
    if (process.kind != ProcessKind::counters) process.round = 0;
  }
  return base;
}

bool all_checked(const RunRecord& run, const Plan& plan, Side side) {
  std::set<std::string_view> passed;
  for (const ProcessRecord& process : run.processes) {
    if (process.side != side) continue;
    for (const CaseCheck& check : process.checks) {
      if (!check.passed) return false;
      passed.insert(check.case_id);
    }
  }
  // A plan that holds only wholes leaves no check in its record, so it is checked each time.
  return !passed.empty() &&
         std::all_of(plan.cases.begin(), plan.cases.end(), [&](const Case& entry) {
           return !entry.whole_of.empty() || passed.contains(entry.id);
         });
}

std::vector<StepTimeline> timelines_of(const RunRecord& run) {
  for (const ProcessRecord& process : run.processes)
    if (process.side == Side::head && !process.timelines.empty() && !validate(process, run))
      return process.timelines;
  return {};
}

int timing_processes(const RunRecord& run) {
  return static_cast<int>(
      std::count_if(run.processes.begin(), run.processes.end(), [&](const ProcessRecord& process) {
        return process.kind == ProcessKind::timing && process.side == Side::head &&
               process.round == 0 && !process.error && !validate(process, run);
      }));
}

bool has_counters(const RunRecord& run) {
  return std::any_of(run.processes.begin(), run.processes.end(), [](const ProcessRecord& process) {
    return process.kind == ProcessKind::counters && process.side == Side::head &&
           !process.metrics.empty();
  });
}

std::optional<Sentinels> median_sentinels(const RunRecord& run, Phase phase) {
  std::vector<Sentinels> found;
  for (const ProcessRecord& process : run.processes) {
    if (!process.sentinels || validate(process, run) || process.side != Side::head) continue;
    if (process.kind == ProcessKind::counters && process.round > 0) continue;  // it judges nothing
    if ((process.round > 0) != (phase == Phase::rounds)) continue;
    found.push_back(*process.sentinels);
  }
  return median_of(found);
}

std::optional<Sentinels> median_of(const std::vector<Sentinels>& sentinels) {
  if (sentinels.empty()) return std::nullopt;
  std::vector<double> read, fma;
  for (const Sentinels& one : sentinels) {
    read.push_back(one.read_bytes_per_s);
    fma.push_back(one.fma_flops);
  }
  return Sentinels{median(read), median(fma)};
}

std::optional<std::string> first_process_error(const RunRecord& run) {
  for (std::size_t i = 0; i < run.processes.size(); ++i)
    if (const ProcessRecord& process = run.processes[i]; process.error)
      return fmt::format("{} process {} of {}{}: {}", process_kind_id(process.kind), i + 1,
                         run.processes.size(),
                         process.side == Side::base ? ", of the base build" : "", *process.error);
  return std::nullopt;
}

}  // namespace perfgate
