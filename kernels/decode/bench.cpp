// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/bench.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/stats.h"
#include "kernels/cuda/random_waits.h"
#include "kernels/cupti/trace_checks.h"
#include "kernels/decode/decode_state.h"
#include "kernels/decode/stage_turns.h"
#include "kernels/decode/step_trace.h"
#include "kernels/decode/timing.h"
#include "kernels/decode/workload_cases.h"
#include "kernels/sentinels/roofs.h"

namespace perfgate {

namespace {

constexpr int rounds = 9;

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

}  // namespace

void bench_plan(const DecodePlan& plan, const GpuFingerprint& gpu,
                const std::function<void(const BenchRow&)>& tell) {
  const Stream stream;
  DeviceArena arena;
  RandomWaits waits({fresh_seed(), plan.dither_s});
  const double read_roof = measure_roofs(gpu, arena, stream.get()).read_bytes_per_s;
  for (const auto& [workload, cases] : plan.workloads) {
    DecodeStep step(workload, layers_for(workload, cases), plan.seed, stream.get(), plan.gemms,
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
