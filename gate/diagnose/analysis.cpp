#include "gate/diagnose/analysis.h"

#include <string_view>
#include <unordered_map>

#include "gate/diagnose/diagnosis.h"
#include "gate/run/run_view.h"
#include "gate/run/validity.h"

namespace perfgate {

namespace {

PowerCap power_cap_of(const RunRecord& run) {
  constexpr std::uint64_t capped = 0x4;  // sw_power_cap in the table clock_events
  for (const ProcessRecord& process : run.processes)
    if (process.kind == ProcessKind::counters && process.side == Side::head && process.conditions &&
        process.conditions->events.value_or(0) & capped)
      return PowerCap::seen;
  return PowerCap::not_seen;
}

/// What a run and its baseline have in common for all cases.
struct Sources {
  Sources(const RunRecord& of_run, const Baseline& of_baseline, const GpuModel* of_gpu)
      : run(of_run), baseline(of_baseline), gpu(of_gpu) {
    if (!sentinels) sentinels = median_sentinels(run, Phase::rounds);
  }
  Sources(const Sources&) = delete;  // the views look into base_build

  const RunRecord& run;
  const Baseline& baseline;
  const GpuModel* gpu;
  const RunRecord base_build = base_side(run);  ///< its part of an interleaved run
  const CaseViews views{run}, base_views{base_build};
  const BaselineIndex stored = index_cases(baseline);
  std::optional<Sentinels> sentinels = median_sentinels(run);
  const PowerCap power_cap = power_cap_of(run);
};

/// Base's and head's launches of one stage; the base build's own where it ran.
struct Launches {
  std::vector<KernelLaunch> base, head;
};
Launches launches_of(const Sources& sources, const std::string& stage_id) {
  Launches launches;
  launches.head = sources.views[stage_id].kernels;
  launches.base = sources.base_views[stage_id].kernels;
  const BaselineCase* stored = find(sources.stored, stage_id);
  if (launches.base.empty() && stored) launches.base = stored->kernels;
  return launches;
}

/// Of a whole layer: over its stages.
CodeMatch match_of(const Sources& sources, const Case& one, const Launches& launches) {
  if (one.stage) return match_launches(launches.base, launches.head);
  CodeMatch match = CodeMatch::same;
  for (const Case& stage : cases_of(sources.run.plan.workloads[one.workload], one.workload)) {
    if (!stage.stage) continue;
    const Launches of_stage = launches_of(sources, stage.id);
    match = worst_match(match, match_launches(of_stage.base, of_stage.head));
  }
  return match;
}

std::map<std::string, double> side_of(const MetricPairs& metrics,
                                      std::optional<double> MetricPair::*side) {
  std::map<std::string, double> values;
  // The head's doubt comes from how its kernels are, so it is the base's too.
  for (const auto& [id, pair] : metrics)
    if (pair.*side && !pair.doubtful) values[id] = *(pair.*side);
  return values;
}

Distribution distribution_of(const CaseView& view, const BaselineCase* base) {
  Distribution distribution;
  if (base) distribution.base_s = base->durations_s;
  distribution.head_s = view.durations_s;
  distribution.rounds_head_s = view.rounds_s;
  distribution.rounds_base_s = view.rounds_base_s;
  for (const Timing* timing : view.timings) distribution.processes.push_back(*timing);
  return distribution;
}

void add_to_case(CaseReport& report, const Case& one, const Sources& sources) {
  const Launches launches = launches_of(sources, one.id);
  report.base_launches = launches.base;
  report.launches = launches.head;
  report.code = match_of(sources, one, launches);
  report.split = split_change(report.metrics);
  report.distribution = distribution_of(sources.views[one.id], find(sources.stored, one.id));
  const Plan& plan = sources.run.plan;
  report.roofline = make_roofline(
      plan, one, {report.head_s, side_of(report.metrics, &MetricPair::head), sources.sentinels},
      sources.gpu);
  report.base_roofline = make_roofline(
      plan, one,
      {report.base_s, side_of(report.metrics, &MetricPair::base), sources.baseline.sentinels},
      sources.gpu);
  Explanation explanation = explain(report, sources.power_cap);
  report.cause = explanation.cause;
  report.explanation = std::move(explanation.sentence);
}

ProcessConditions conditions_of(const ProcessRecord& process, const RunRecord& run) {
  ProcessConditions out{process.kind,
                        process.side,
                        process.round,
                        process.wall_s,
                        process.sentinels,
                        process.conditions,
                        ""};
  if (process.error)
    out.problem = *process.error;
  else if (const auto invalid = validate(process, run))
    out.problem = invalid->why;
  return out;
}

}  // namespace

void add_details(Report& report, const RunRecord& run, const Baseline& baseline,
                 const GpuModel* gpu) {
  const Sources sources(run, baseline, gpu);
  std::unordered_map<std::string_view, const Case*> planned;
  for (const Case& one : run.plan.cases) planned.emplace(one.id, &one);
  for (CaseReport& one : report.cases)
    if (const auto found = planned.find(one.id); found != planned.end())
      add_to_case(one, *found->second, sources);
  for (const ProcessRecord& process : run.processes)
    report.processes.push_back(conditions_of(process, run));
  report.timelines = timelines_of(run);
}

}  // namespace perfgate
