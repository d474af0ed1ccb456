// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/stage_turns.h"

#include <algorithm>
#include <numeric>

#include "gate/util/stats.h"
#include "kernels/cuda/launch.h"
#include "kernels/cupti/trace_checks.h"
#include "kernels/decode/decode_state.h"
#include "kernels/decode/step_trace.h"

namespace perfgate {

namespace {

constexpr int least_launches = 20;  // in a graph
constexpr int screen_rounds = 3;    // for each of cuBLAS's algorithms
constexpr int finalists = 3;        // of cuBLAS's algorithms
constexpr int most_layers = 100;

}  // namespace

// Whole rounds over the layers except the first, whose input_norm is another operator: so
// the next graph finds the layer that it begins with as cold as this one did.
int launches_of(const DecodeStep& step) {
  const int round = step.layers() - 1;
  return ceil_div(least_launches, round) * round;
}

GraphExec graph_of(DecodeStep& step, const Candidate& one) {
  step.overlap(one.overlap);
  GraphExec graph = instantiate(capture(step.stream(), [&] {
    for (int i = 0; i < launches_of(step); ++i) {
      step.use_activations(i);
      one.enqueue(1 + i % (step.layers() - 1));
    }
  }));
  step.overlap(Overlap::off);
  return graph;
}

std::vector<Samples> in_turns(DecodeStep& step, const std::vector<Candidate>& candidates, int count,
                              RandomWaits& waits) {
  Timeline timeline(TraceOf::graphs);
  std::vector<GraphExec> graphs;
  for (const Candidate& one : candidates) graphs.push_back(graph_of(step, one));
  for (int round = 0; round < 1 + count; ++round)
    for (const GraphExec& graph : graphs) {
      waits.on_device(step.stream());
      check(cudaGraphLaunch(graph.get(), step.stream()), "cudaGraphLaunch");
    }
  const Trace trace = timeline.stop();
  const std::size_t n = candidates.size();
  require_whole(trace, 0, n * static_cast<std::size_t>(1 + count));
  std::vector<Samples> samples_s(n);
  for (std::size_t i = n; i < trace.graphs.size(); ++i)  // the first round warms up
    samples_s[i % n].push_back(
        static_cast<double>(trace.graphs[i].end_ns - trace.graphs[i].start_ns) * 1e-9 /
        launches_of(step));
  return samples_s;
}

std::vector<Candidate> cublas_candidates(DecodeStep& step, Stage stage, const CublasGemm& gemm) {
  std::vector<Candidate> candidates;
  for (int algorithm = 0; algorithm < gemm.algorithms(); ++algorithm)
    candidates.push_back({Overlap::off, [&step, &gemm, stage, algorithm](int layer) {
                            const GemmBuffers of = step.state().gemm_buffers(layer, stage);
                            gemm.run(of.in->data(), of.weight->data(), of.out->data(),
                                     step.state().gemm_scratch(), step.stream(), algorithm);
                          }});
  return candidates;
}

std::vector<std::size_t> choose_finalists(DecodeStep& step, const std::vector<Candidate>& all,
                                          RandomWaits& waits) {
  const std::vector<Samples> looks = in_turns(step, all, screen_rounds, waits);
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin() + 1, order.end(), [&](std::size_t a, std::size_t b) {
    return median(looks[a]) < median(looks[b]);
  });
  order.resize(std::min<std::size_t>(order.size(), 1 + finalists));
  return order;
}

int layers_for(const Workload& workload, const std::vector<StageCase>& cases) {
  double smallest = cold_bytes;
  for (const StageCase& one : cases)
    if (one.stage && (gemm_shape(workload, *one.stage) || one.stage == Stage::attention))
      smallest = std::min(smallest, stage_bytes(workload, *one.stage));
  return 1 + std::clamp(static_cast<int>(cold_bytes / smallest), 3, most_layers);
}

}  // namespace perfgate
