// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/layer_gaps.h"

#include <algorithm>

#include "gate/util/stats.h"
#include "kernels/cupti/trace_checks.h"
#include "kernels/decode/step_trace.h"
#include "kernels/decode/workload_cases.h"

namespace perfgate {

namespace {

constexpr int spanned_steps = 64;

/// Adds the span and the gaps of one layer, whose kernels begin at `at`; moves `at` past them.
void add_layer(const Trace& trace, const std::vector<StageKernels>& layer, std::size_t& at,
               Samples& spans_s, Samples& gaps_s) {
  const std::uint64_t begin_ns = trace.kernels[at].start_ns;
  std::uint64_t end_ns = begin_ns, gap_ns = 0;
  for (const StageKernels& stage : layer) {
    const std::uint64_t start_ns = trace.kernels[at].start_ns;
    if (start_ns > end_ns) gap_ns += start_ns - end_ns;
    for (std::size_t i = 0; i < stage.names.size(); ++i, ++at)
      end_ns = std::max(end_ns, trace.kernels[at].end_ns);
  }
  spans_s.push_back(static_cast<double>(end_ns - begin_ns) * 1e-9);
  gaps_s.push_back(static_cast<double>(gap_ns) * 1e-9);
}

/// Fills span_s and gaps_s.
void span_launched(DecodeStep& step, LayerSpan& out) {
  const StepKernels kernels = kernels_of_step(step);
  Timeline timeline(TraceOf::kernels);
  for (int i = 0; i < warm_up_steps + spanned_steps; ++i) step.run(i);
  const Trace trace = timeline.stop();
  require_whole(trace, kernels.count * (warm_up_steps + spanned_steps), 0);
  Samples spans_s, gaps_s;
  std::size_t at = kernels.count * warm_up_steps;
  while (at < trace.kernels.size())
    for (std::size_t layer = 0; layer < kernels.layers.size(); ++layer) {
      Samples ignored_spans, ignored_gaps;  // layer 0's, whose input_norm is another operator
      add_layer(trace, kernels.layers[layer], at, layer == 0 ? ignored_spans : spans_s,
                layer == 0 ? ignored_gaps : gaps_s);
    }
  out.span_s = median(spans_s);
  out.gaps_s = median(gaps_s);
}

}  // namespace

std::vector<LayerSpan> layer_spans(const DecodePlan& plan, const GpuFingerprint& gpu,
                                   const Modules& modules) {
  const Stream stream;
  RandomWaits waits({fresh_seed(), plan.dither_s});
  std::vector<LayerSpan> out;
  for (const PlannedWorkload& planned : plan.workloads) {
    DecodeStep step = make_step(planned.workload, plan, gpu, stream.get());
    LayerSpan span;
    span.workload = workload_id(planned.workload);
    span_launched(step, span);
    for (const auto& [stage, samples_s] : time_stages(step, plan.samples, modules, waits).samples_s)
      span.graph_stages_s += median(samples_s);
    out.push_back(std::move(span));
  }
  return out;
}

}  // namespace perfgate
