// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/overlap_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/graph.h"
#include "kernels/cuda/host_values.h"
#include "kernels/decode/decode_state.h"
#include "kernels/decode/qkv_check.h"
#include "kernels/decode/step_check.h"

namespace perfgate {
namespace {

/// Our own kernels add in an order that depends only on shape and GPU, not on timing: they use no
/// atomics; warps and splits are added up by their numbers. So they leave the same bits. This is
/// not known of cuBLAS: where it splits k, it may add the parts in another order.
double limit_of(const DecodeStep::State& state) {
  const bool all_own = std::ranges::all_of(
      state.plans, [](const std::optional<GemmPlan>& plan) { return !plan || plan->is_own(); });
  return all_own ? 0 : error_limit(state.workload.dtype);
}

/// Poisons everything that one kernel of a step writes and another reads, except the residual,
/// which is input, and cuBLAS's scratch memory, whose contents are not known.
void poison_handed_on(const DecodeStep::State& state) {
  const Activations& warm = state.warm();
  for (const DeviceBuffer* buffer : {&warm.hidden, &warm.qkv, &warm.attn_out, &warm.gate_up,
                                     &warm.act, &warm.attention_workspace})
    poison(*buffer, state.stream);
  const auto slots =
      DeviceReader(state.workload.dtype, state.stream).raw<std::int64_t>(warm.slot_mapping);
  for (std::size_t layer = 0; layer < state.layers.size(); ++layer)
    poison_new_slots(state, static_cast<int>(layer), slots);
}

/// Runs a graph, like the replay that is timed: launched one by one, small kernels end before the
/// CPU has launched the next one, and nothing overlaps.
LayerOutputs run_overlapped(DecodeStep& step, int set) {
  step.use_activations(set);
  step.overlap(Overlap::on);
  const GraphExec graph = instantiate(capture(step.stream(), [&] { step.run_layers(set); }));
  step.overlap(Overlap::off);
  poison_handed_on(step.state());
  step.reset();
  check(cudaGraphLaunch(graph.get(), step.stream()), "cudaGraphLaunch");
  return read_outputs(step);
}

/// Adds one of the outputs to `check`. It compares row by row: one stale load of 16 bytes is a
/// small part of all rows, and a large part of its own. It compares values, not bits: a NaN is
/// wrong even where both sides have it.
void compare(const DecodeStep::State& state, const char* name, const Bits& overlapped,
             const Bits& plain, OverlapCheck& check) {
  const auto columns = static_cast<std::size_t>(state.workload.model.hidden);
  const std::vector<double> out = to_doubles(state.workload.dtype, overlapped);
  const std::vector<double> expected = to_doubles(state.workload.dtype, plain);
  for (std::size_t at = 0; at < expected.size(); at += columns) {
    const auto out_row = std::span(out).subspan(at, columns);
    const auto row = std::span(expected).subspan(at, columns);
    Comparison comparison;
    comparison.add(out_row, row);
    const Outcome found = outcome(comparison);
    check.found = worse(check.found, found);
    if (found.error <= check.limit || !check.why.empty()) continue;
    // A NaN differs from everything, and so does an infinity, as in the error.
    const auto [wrong, right] =
        std::ranges::mismatch(out_row, row, [](double a, double b) { return a - b == 0; });
    check.why = fmt::format(
        "{}, activations {}: the layers' {} differs by {:.1e} in row {} (limit {:.0e}) when their "
        "kernels overlap, first in column {}, {} instead of {}: a kernel reads or writes before "
        "its wait_for_previous()",
        workload_id(state.workload), state.set, name, found.error, at / columns, check.limit,
        wrong - out_row.begin(), *wrong, *right);
  }
}

}  // namespace

LayerOutputs read_outputs(DecodeStep& step) {
  const DeviceReader read(step.workload().dtype, step.stream());
  const Activations& warm = step.state().warm();
  return {read.bits(warm.hidden), read.bits(warm.residual)};
}

OverlapCheck compare_with_plain(DecodeStep& step, int set, const LayerOutputs& overlapped,
                                double limit) {
  step.overlap(Overlap::off);
  step.run(set);
  const LayerOutputs plain = read_outputs(step);
  OverlapCheck check;
  check.limit = limit;
  compare(step.state(), "residual", overlapped.residual, plain.residual, check);
  compare(step.state(), "hidden state", overlapped.hidden, plain.hidden, check);
  return check;
}

OverlapCheck check_overlap(DecodeStep& step, int set) {
  const LayerOutputs overlapped = run_overlapped(step, set);
  return compare_with_plain(step, set, overlapped, limit_of(step.state()));
}

}  // namespace perfgate
