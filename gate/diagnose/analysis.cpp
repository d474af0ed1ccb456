// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/analysis.h"

#include "gate/diagnose/diagnosis.h"

namespace perfgate {

namespace {

PowerCap power_cap_of(const RunRecord& run) {
  for (const ProcessRecord& process : run.processes)
    if (process.kind == ProcessKind::counters && process.side == Side::head && process.conditions &&
        process.conditions->events.value_or(0) & power_cap_event)
      return PowerCap::seen;
  return PowerCap::not_seen;
}

/// Values that all cases share.
struct Context {
  const Comparison& comparison;
  const GpuModel* gpu;
  const std::optional<Sentinels> sentinels = comparison.sentinels(Phase::screen)
                                                 ? comparison.sentinels(Phase::screen)
                                                 : comparison.sentinels(Phase::rounds);
  const PowerCap power_cap = power_cap_of(comparison.run());
};

/// What was counted again by both builds is of one kind on both sides; by the head alone it adds
/// what the screen did not count.
void add_explaining(MetricPairs& metrics, const CaseView& head, const CaseView& base_build) {
  for (const auto& [id, value] : head.explaining) {
    MetricPair& pair = metrics[id];
    const bool doubtful = head.doubtful_explaining.contains(id);
    if (const auto built = base_build.explaining.find(id); built != base_build.explaining.end())
      pair = {built->second, value, doubtful};
    else if (!pair.head)
      pair = {pair.base, value, doubtful};
  }
}

MetricPairs metric_pairs(const CaseView& head, const BaselineCase* base) {
  MetricPairs metrics;
  for (const auto& [id, value] : head.metrics)
    metrics[id] = {std::nullopt, value, head.doubtful.contains(id)};
  if (base)
    for (const auto& [id, value] : base->metrics) metrics[id].base = value;
  return metrics;
}

std::map<std::string, double> side_of(const MetricPairs& metrics,
                                      std::optional<double> MetricPair::*side) {
  std::map<std::string, double> values;
  // The head's doubt comes from its kernels, so it applies to the base too.
  for (const auto& [id, pair] : metrics)
    if (pair.*side && !pair.doubtful) values[id] = *(pair.*side);
  return values;
}

void add_samples(std::vector<double>& samples_s, const std::vector<const Timing*>& timings) {
  for (const Timing* timing : timings)
    samples_s.insert(samples_s.end(), timing->samples_s.begin(), timing->samples_s.end());
}

Distribution distribution_of(const CaseView& view, const CaseView& base_build,
                             const BaselineCase* base) {
  Distribution distribution;
  if (base) distribution.base_s = base->durations_s();
  distribution.head_s = view.durations_s;
  distribution.rounds_head_s = view.rounds_s;
  distribution.rounds_base_s = view.rounds_base_s;
  for (const Timing* timing : view.timings) {
    distribution.processes.push_back(*timing);
    distribution.processes.back().samples_s.clear();  // they stand below, all together
  }
  add_samples(distribution.head_samples_s, view.timings);
  add_samples(distribution.head_samples_s, view.rounds_timings);
  add_samples(distribution.base_samples_s, base_build.timings);
  if (base && distribution.base_samples_s.empty()) distribution.base_samples_s = base->samples_s;
  return distribution;
}

Against against(const CaseVerdict& verdict) {
  return verdict.basis && verdict.basis->evidence.against_base_build() ? Against::base_build
                                                                       : Against::stored;
}

CaseAnalysis analyse_case(const Context& context, const Case& planned, const CaseVerdict& verdict) {
  const Comparison& comparison = context.comparison;
  const CaseView& head = comparison.head(planned.id);
  const BaselineCase* base = comparison.base(planned.id);
  CaseAnalysis analysis;
  analysis.metrics = metric_pairs(head, base);
  add_explaining(analysis.metrics, head, comparison.base_build(planned.id));
  analysis.split = break_down(analysis.metrics);
  const auto& [base_launches, launches] = comparison.launches(planned.id);
  Explanation explanation =
      explain({verdict.change, analysis.metrics, analysis.split, verdict.code, base_launches,
               launches, *comparison.run().gpu, context.power_cap, against(verdict)});
  analysis.cause = explanation.cause;
  analysis.causes = std::move(explanation.causes);
  analysis.explanation = std::move(explanation.sentence);
  for (const KernelLaunch& launch : launches) analysis.kernels.push_back(launch.name);
  analysis.base_launches = base_launches;
  analysis.launches = launches;
  analysis.distribution = distribution_of(head, comparison.base_build(planned.id), base);
  analysis.roofline = make_roofline(
      planned.work,
      {verdict.head_s, side_of(analysis.metrics, &MetricPair::head), context.sentinels},
      context.gpu);
  analysis.base_roofline =
      make_roofline(planned.work,
                    {verdict.base_s, side_of(analysis.metrics, &MetricPair::base),
                     comparison.baseline().sentinels()},
                    context.gpu);
  return analysis;
}

}  // namespace

std::vector<CaseAnalysis> analyse(const Comparison& comparison,
                                  const std::vector<CaseVerdict>& found, const GpuModel* gpu) {
  const Context context{comparison, gpu};
  const std::vector<Case>& planned = comparison.run().plan.cases;
  std::vector<CaseAnalysis> analyses;
  // The cases that only the baseline has come last; of them there is nothing to analyse.
  for (std::size_t i = 0; i < found.size(); ++i)
    analyses.push_back(i < planned.size() ? analyse_case(context, planned[i], found[i])
                                          : CaseAnalysis{});
  return analyses;
}

}  // namespace perfgate
