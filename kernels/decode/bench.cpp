// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "gate/util/stats.h"
#include "kernels/cuda/graph.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/random_waits.h"
#include "kernels/cupti/trace_checks.h"
#include "kernels/decode/decode_state.h"
#include "kernels/decode/step_trace.h"
#include "kernels/decode/timing.h"
#include "kernels/decode/workload_cases.h"
#include "kernels/sentinels/roofs.h"

namespace perfgate {

namespace {

constexpr int least_launches = 20;  // per graph: their gaps are part of the time, as in a layer
constexpr int screen_rounds = 3;    // for each of cuBLAS's algorithms
constexpr int rounds = 9;           // for the reported algorithms
constexpr int finalists = 3;        // of cuBLAS's algorithms
constexpr int most_algorithms = 32;
constexpr double cold_bytes = 400e6;  // bytes between two uses of one weight: 8 times an H100's L2
constexpr int most_layers = 100;

/// One way to compute a stage of a layer.
struct Candidate {
  Overlap overlap;
  std::function<void(int layer)> enqueue;
};

/// Returns whole rounds over the layers except the first, whose input_norm is another operator: so
/// the next graph finds the layer that it begins with as cold as this one did.
int launches_of(const DecodeStep& step) {
  const int round = step.layers() - 1;
  return ceil_div(least_launches, round) * round;
}

/// Returns a graph of launches that cycle through the layers and the sets of activations; at
/// thousands of tokens this keeps the activations cold, too.
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

/// Returns the time from launch to launch of each candidate, `count` times, measured in turns.
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

/// Returns the time from the start of a stage's first kernel to the end of its last.
double kernel_span(DecodeStep& step, const Candidate& one, RandomWaits& waits) {
  const std::size_t kernels = kernels_of(step.stream(), [&] { one.enqueue(1); }).size();
  Timeline timeline(TraceOf::kernels);
  const GraphExec graph = graph_of(step, {Overlap::off, one.enqueue});
  for (int round = 0; round < 1 + rounds; ++round) {
    waits.on_device(step.stream());
    check(cudaGraphLaunch(graph.get(), step.stream()), "cudaGraphLaunch");
  }
  Trace trace = timeline.stop();
  drop_waits(trace, waits.none() ? 0 : 1 + rounds);
  const std::size_t round_kernels = kernels * static_cast<std::size_t>(launches_of(step));
  require_whole(trace, round_kernels * (1 + rounds), 0);
  Samples samples_s;
  for (std::size_t at = round_kernels; at < trace.kernels.size(); at += kernels)
    samples_s.push_back(
        static_cast<double>(trace.kernels[at + kernels - 1].end_ns - trace.kernels[at].start_ns) *
        1e-9);
  return median(samples_s);
}

/// Returns cuBLASLt's algorithms for a GEMM stage, best guess first.
std::vector<Candidate> cublas_candidates(DecodeStep& step, Stage stage, const CublasGemm& gemm) {
  std::vector<Candidate> candidates;
  for (int algorithm = 0; algorithm < gemm.algorithms(); ++algorithm)
    candidates.push_back({Overlap::off, [&step, &gemm, stage, algorithm](int layer) {
                            const GemmOperands of = step.state().gemm_operands(layer, stage);
                            gemm.run(of.in->data(), of.weight->data(), of.out->data(),
                                     step.state().gemm_scratch(), step.stream(), algorithm);
                          }});
  return candidates;
}

/// Returns the fastest candidates of a first look, by index, and always the first.
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

BenchRow bench_stage(DecodeStep& step, const StageCase& one, double read_roof, RandomWaits& waits) {
  const Workload& workload = step.workload();
  const Stage stage = *one.stage;
  const auto enqueue = [&](int layer) { step.run_stage(layer, stage); };
  BenchRow row;
  row.name = fmt::format("{}/{}", workload_id(workload), stage_id(stage));
  row.floor_s = stage_bytes(workload, stage) / read_roof;
  // Weights and KV differ between launches; the content of an activation set is cold only where all
  // sets together are large.
  row.cold = gemm_shape(workload, stage) || stage == Stage::attention ||
             activation_sets * stage_bytes(workload, stage) >= cold_bytes;
  std::vector<Candidate> candidates{{Overlap::on, enqueue}, {Overlap::off, enqueue}};
  const auto shape = gemm_shape(workload, stage);
  std::optional<CublasGemm> gemm;
  std::vector<std::size_t> chosen;
  if (shape) {
    row.own = step.state().plans[static_cast<std::size_t>(stage)]->is_own();
    gemm.emplace(step.state().cublas.get(), workload.dtype, *shape, most_algorithms);
    const std::vector<Candidate> all = cublas_candidates(step, stage, *gemm);
    chosen = choose_finalists(step, all, waits);
    for (const std::size_t index : chosen) candidates.push_back(all[index]);
  }
  const std::vector<Samples> samples_s = in_turns(step, candidates, rounds, waits);
  row.overlapped_s = median(samples_s[0]);
  row.plain_s = median(samples_s[1]);
  row.kernel_s = kernel_span(step, candidates[1], waits);
  if (!shape) return row;
  row.cublas = BenchRow::Cublas{gemm->algorithms(), 0, median(samples_s[2]), median(samples_s[2])};
  for (std::size_t i = 1; i < chosen.size(); ++i) {
    const double s = median(samples_s[2 + i]);
    if (s >= row.cublas->best_s) continue;
    row.cublas->best_s = s;
    row.cublas->best = static_cast<int>(chosen[i]);
  }
  return row;
}

/// As many layers as it takes, so that weights and KV are cold when their turn comes again.
int layers_for(const Workload& workload, const std::vector<StageCase>& cases) {
  double smallest = cold_bytes;
  for (const StageCase& one : cases)
    if (one.stage && (gemm_shape(workload, *one.stage) || one.stage == Stage::attention))
      smallest = std::min(smallest, stage_bytes(workload, *one.stage));
  return 1 + std::clamp(static_cast<int>(cold_bytes / smallest), 3, most_layers);
}

}  // namespace

void bench_plan(const DecodePlan& plan, const GpuFingerprint& gpu,
                const std::function<void(const BenchRow&)>& tell) {
  const Stream stream;
  DeviceArena arena;
  RandomWaits waits({fresh_seed(), plan.dither_s});
  const double read_roof = measure_roofs(gpu, arena, stream.get()).read_bytes_per_s;
  for (const auto& [workload, cases] : plan.workloads) {
    DecodeStep step(workload, layers_for(workload, cases), plan.seed, stream.get(), plan.backend,
                    {&arena, 0});
    // This triggers lazy loading, and gives ordinary values everywhere: a product of zeros draws
    // less power.
    for (int set = 0; set < activation_sets; ++set) step.run(set);
    for (const StageCase& one : cases)
      if (one.stage) tell(bench_stage(step, one, read_roof, waits));
  }
}

std::string bench_header() {
  return fmt::format("{:<44} {:>6} {:>8} {:>8} {:>8} {:>8} {:>6} | {:>8} {:>8} {:>3} {:>9} {:>7}\n",
                     "us a launch", "by", "overlap", "plain", "kernel", "floor", "roof %", "first",
                     "best", "of", "ovl/best", "/best");
}

std::string bench_line(const BenchRow& row) {
  std::string line =
      fmt::format("{:<44} {:>6} {:>8.2f} {:>8.2f} {:>8.2f} {:>8.2f} {:>6} |", row.name,
                  row.own ? "own" : "cublas", row.overlapped_s * 1e6, row.plain_s * 1e6,
                  row.kernel_s * 1e6, row.floor_s * 1e6,
                  row.cold ? fmt::format("{:.1f}", 100 * row.floor_s / row.kernel_s) : "warm");
  if (row.cublas)
    line += fmt::format(" {:>8.2f} {:>8.2f} {:>3} {:>9.3f} {:>7.3f}", row.cublas->first_s * 1e6,
                        row.cublas->best_s * 1e6, row.cublas->algorithms,
                        row.overlapped_s / row.cublas->best_s, row.plain_s / row.cublas->best_s);
  return line + '\n';
}

}  // namespace perfgate
