// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/step_timeline.h"

#include <algorithm>
#include <map>
#include <utility>

#include "gate/decode/layer_cases.h"
#include "kernels/collect/launch_of.h"
#include "kernels/cupti/trace_checks.h"
#include "kernels/decode/step_trace.h"

namespace perfgate {

namespace {

constexpr int traced_steps = activation_sets;
constexpr int all_steps = warm_up_steps + traced_steps;

using Kernels = std::vector<KernelRecord>::const_iterator;

/// Returns the first kernel of the step of median length among the last `traced_steps`; of two
/// middle steps it takes the shorter. Steps do not overlap: they run in one stream.
Kernels typical_step(const Trace& trace, std::size_t count) {
  const auto length_ns = [count](Kernels first) {
    std::uint64_t end_ns = 0;
    for (Kernels kernel = first; kernel < first + static_cast<std::ptrdiff_t>(count); ++kernel)
      end_ns = std::max(end_ns, kernel->end_ns);
    return end_ns - first->start_ns;
  };
  std::vector<Kernels> steps;
  for (std::size_t i = 0; i < traced_steps; ++i)
    steps.push_back(trace.kernels.end() - static_cast<std::ptrdiff_t>((i + 1) * count));
  const auto middle = steps.begin() + (traced_steps - 1) / 2;
  std::nth_element(steps.begin(), middle, steps.end(),
                   [&](Kernels a, Kernels b) { return length_ns(a) < length_ns(b); });
  return *middle;
}

/// A launch may be a runtime call that makes a driver call: its span is from the first to the last.
std::map<std::uint32_t, CallRecord> calls_by_launch(const std::vector<CallRecord>& calls) {
  std::map<std::uint32_t, CallRecord> out;
  for (const CallRecord& call : calls) {
    CallRecord& all = out.emplace(call.correlation, call).first->second;
    all.start_ns = std::min(all.start_ns, call.start_ns);
    all.end_ns = std::max(all.end_ns, call.end_ns);
  }
  return out;
}

StepTimeline timeline_of(const Trace& trace, const StepKernels& known, Launching launching,
                         const Modules& modules) {
  const auto calls = calls_by_launch(trace.calls);
  StepTimeline out;
  out.launching = launching;
  out.whole = layer_case;
  for (const StageInfo& info : stages) out.parts.emplace_back(info.id);
  Kernels at = typical_step(trace, known.count);
  const std::uint64_t zero_ns = at->start_ns;
  // The code divides, because 1e9 is exact and 1e-9 is not: the record keeps the digits of the
  // clock.
  const auto seconds = [&](std::uint64_t ns) {
    return static_cast<double>(static_cast<std::int64_t>(ns - zero_ns)) / 1e9;
  };
  for (std::size_t layer = 0; layer < known.layers.size(); ++layer)
    for (const StageKernels& stage : known.layers[layer])
      for (const std::string& name : stage.names) {
        const KernelRecord& kernel = *at++;
        require_kernel(kernel, name, stage.stage);
        KernelLaunch launch = launch_of(kernel, modules);
        const auto found = std::find(out.launches.begin(), out.launches.end(), launch);
        KernelSpan span{static_cast<std::size_t>(stage.stage),
                        static_cast<int>(layer),
                        static_cast<std::size_t>(found - out.launches.begin()),
                        seconds(kernel.start_ns),
                        seconds(kernel.end_ns),
                        std::nullopt,
                        std::nullopt,
                        static_cast<int>(kernel.stream)};
        if (found == out.launches.end()) out.launches.push_back(std::move(launch));
        if (const auto call = calls.find(kernel.correlation); call != calls.end()) {
          span.call_start_s = seconds(call->second.start_ns);
          span.call_end_s = seconds(call->second.end_ns);
        }
        out.kernels.push_back(span);
      }
  return out;
}

Trace launch_steps(DecodeStep& step) {
  Timeline timeline(TraceOf::calls);
  for (int i = 0; i < all_steps; ++i) step.run(i);
  return timeline.stop();
}

}  // namespace

std::vector<StepTimeline> step_timelines(DecodeStep& step, const Modules& modules) {
  const StepKernels kernels = kernels_of_step(step);
  std::vector<StepTimeline> out;
  for (const LaunchingInfo& info : launchings) {
    const Trace trace = info.launching == Launching::graph
                            ? replay_layers(step, TraceOf::kernels, all_steps, Overlap::off)
                            : launch_steps(step);
    require_whole(trace, kernels.count * all_steps, 0);
    out.push_back(timeline_of(trace, kernels, info.launching, modules));
    out.back().group = workload_id(step.workload());
  }
  return out;
}

}  // namespace perfgate
