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

/// False when `more` are not the same launches as `known`. A code that only `more` knows is added:
/// then the next process is held against it too.
bool add_launches(std::vector<KernelLaunch>& known, const std::vector<KernelLaunch>& more) {
  if (!std::equal(known.begin(), known.end(), more.begin(), more.end(), same_launch)) return false;
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i].code.empty()) known[i].code = more[i].code;
  return true;
}

/// A view while the processes are read one after the other.
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
      GrowingView& one = views[timing.case_id];
      if (process.round > 0) {
        one.rounds[process.round][static_cast<std::size_t>(process.side)] = timing.iq_mean_s;
        continue;
      }
      one.view.durations_s.push_back(timing.iq_mean_s);
      if (process.side == Side::head) one.view.timings.push_back(&timing);
    }
  if (process.side == Side::base) return;  // what is wrong with it is not this build's fault
  if (counts)
    for (const CaseMetrics& counted : process.metrics) {
      GrowingView& one = views[counted.case_id];
      for (const auto& [id, value] : counted.values) one.metrics[id].push_back(value);
      for (const auto& [id, stability] : counted.stability)
        one.view.stability[id] = std::max(one.view.stability[id], stability);
      one.view.doubtful.insert(counted.doubtful.begin(), counted.doubtful.end());
    }
  for (const CaseKernels& kernels : process.kernels) {
    GrowingView& one = views[kernels.case_id];
    if (!one.kernels_seen) one.view.kernels = kernels.launches;
    if (!add_launches(one.view.kernels, kernels.launches)) one.view.kernels_changed = true;
    one.kernels_seen = true;
  }
  for (const CaseCheck& check : process.checks)
    if (!check.passed) views[check.case_id].view.failed_check = &check;
  for (const CaseFailure& failure : process.failures)
    if (auto& first = views[failure.case_id].view.failure; !first) first = failure.why;
}

CaseView grown(GrowingView&& one, bool base_ran) {
  for (const auto& [round, durations] : one.rounds) {
    const auto& [head, base] = durations;
    // A round in which one side was lost is no pair.
    if (!head || (base_ran && !base)) continue;
    one.view.rounds_s.push_back(*head);
    if (base) one.view.rounds_base_s.push_back(*base);
  }
  for (const auto& [id, values] : one.metrics) one.view.metrics[id] = median(values);
  // What repeats in every process, but not from one to the next, does not repeat.
  for (auto& [id, stability] : one.view.stability)
    if (const auto& values = one.metrics[id]; values.size() > 1)
      stability = std::max(stability, stability_of(values));
  return std::move(one.view);
}

}  // namespace

CaseViews::CaseViews(const RunRecord& run) {
  GrowingViews growing;
  bool base_ran = false;
  for (const ProcessRecord& process : run.processes) {
    // An invalid measurement proves nothing; which kernels ran and whether they are right, does.
    add_process(growing, process, !validate(process, run));
    base_ran = base_ran || process.side == Side::base;
  }
  for (auto& [id, one] : growing) m_views.emplace(id, grown(std::move(one), base_ran));
}

const CaseView& CaseViews::operator[](std::string_view case_id) const {
  static const CaseView nothing;
  const auto found = m_views.find(case_id);
  return found == m_views.end() ? nothing : found->second;
}

bool keep_cases(RunRecord& run, const std::vector<std::string>& globs) {
  if (globs.empty()) return true;
  const auto wanted = [&](const std::string& id) {
    return std::any_of(globs.begin(), globs.end(),
                       [&](const std::string& glob) { return glob_match(glob, id); });
  };
  if (std::none_of(run.plan.cases.begin(), run.plan.cases.end(),
                   [&](const Case& one) { return wanted(one.id); }))
    return false;
  std::erase_if(run.plan.cases, [&](const Case& one) { return !wanted(one.id); });
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
  return true;
}

RunRecord base_side(const RunRecord& run) {
  RunRecord base{run.perfgate, run.commit,       run.created, run.command, run.gpu_id,
                 run.clocks,   run.clock_target, run.gpu,     run.plan,    {}};
  std::copy_if(run.processes.begin(), run.processes.end(), std::back_inserter(base.processes),
               [](const ProcessRecord& process) { return process.side == Side::base; });
  for (ProcessRecord& process : base.processes) {
    process.side = Side::head;
    process.round = 0;
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
  // A plan of nothing but wholes leaves no check in its record, so it is checked each time.
  return !passed.empty() && std::all_of(plan.cases.begin(), plan.cases.end(), [&](const Case& one) {
    return !one.whole_of.empty() || passed.contains(one.id);
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
        return process.kind == ProcessKind::timing && process.round == 0 && !process.error &&
               !validate(process, run);
      }));
}

bool has_counters(const RunRecord& run) {
  return std::any_of(run.processes.begin(), run.processes.end(), [](const ProcessRecord& process) {
    return process.kind == ProcessKind::counters && process.side == Side::head &&
           !process.metrics.empty();
  });
}

std::optional<Sentinels> median_sentinels(const RunRecord& run, Phase phase) {
  std::vector<double> read, fma;
  for (const ProcessRecord& process : run.processes) {
    if (!process.sentinels || validate(process, run) || process.side != Side::head) continue;
    if ((process.round > 0) != (phase == Phase::rounds)) continue;
    read.push_back(process.sentinels->read_bytes_per_s);
    fma.push_back(process.sentinels->fma_flops);
  }
  if (read.empty()) return std::nullopt;
  return Sentinels{median(read), median(fma)};
}

std::optional<std::string> first_process_error(const RunRecord& run) {
  for (std::size_t i = 0; i < run.processes.size(); ++i)
    if (const ProcessRecord& process = run.processes[i]; process.error)
      return fmt::format("{} process {} of {}: {}", process_kind_id(process.kind), i + 1,
                         run.processes.size(), *process.error);
  return std::nullopt;
}

}  // namespace perfgate
