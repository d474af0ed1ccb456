#include "kernels/timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "gate/stats.h"
#include "kernels/device_buffer.h"
#include "kernels/graph.h"
#include "kernels/probe/timeline.h"
#include "kernels/sentinels.h"
#include "kernels/stage_kernels.h"
#include "kernels/workload_cases.h"

namespace perfgate {

namespace {

constexpr double ns = 1e-9;

// The first steps pay for lazy loading and for clocks that are still rising.
constexpr int warm_up_steps = 20;

// Some kernels have two speeds, and a padding before the buffers often flips them: a 1.4 us kernel
// reads 1.6, a 15.3 us GEMM 16.4 (H200, docs/results.md; the mechanism is not known). So a workload
// is built anew behind paddings of different sizes, and its time is the mean over them.
constexpr std::array<int, 4> placement_pages{0, 2, 5, 13};
constexpr std::size_t page_bytes = std::size_t{2} << 20;

double duration_s(const KernelRecord& kernel) {
  return static_cast<double>(kernel.end_ns - kernel.start_ns) * ns;
}

void require_whole(const Trace& trace, std::size_t kernels, std::size_t graphs) {
  if (trace.dropped > 0)
    throw DeviceError(
        fmt::format("CUPTI dropped {} records: the trace is no evidence", trace.dropped));
  if (trace.kernels.size() != kernels || trace.graphs.size() != graphs)
    throw DeviceError(
        fmt::format("CUPTI recorded {} kernels and {} graphs, {} and {} were launched",
                    trace.kernels.size(), trace.graphs.size(), kernels, graphs));
}

/// Reading and arithmetic at their best; this also brings the clocks up before anything is timed.
Sentinels run_sentinels(const GpuFingerprint& gpu, cudaStream_t stream) {
  constexpr int repetitions = 12, kept = 5;
  constexpr int fma_iterations = 20000;
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  const std::size_t bytes = std::min<std::size_t>(std::size_t{4} << 30, free / 4) & ~0xFFFull;
  const DeviceBuffer data(bytes), sink(256);
  check(cudaMemsetAsync(data.data(), 1, bytes, stream), "cudaMemsetAsync");
  Timeline timeline(TraceOf::kernels);
  for (int i = 0; i < repetitions; ++i) {
    fma_loop(fma_iterations, sink.as<float>(), stream);
    read_stream(data.data(), bytes, sink.as<std::uint32_t>(), stream);
  }
  const Trace trace = timeline.stop();
  require_whole(trace, 2 * repetitions, 0);
  std::vector<double> read, fma;
  for (std::size_t i = 2 * (repetitions - kept); i < trace.kernels.size(); ++i)
    (i % 2 ? read : fma).push_back(duration_s(trace.kernels[i]));
  return {static_cast<double>(bytes) / median(read),
          fma_loop_flops(fma_iterations, gpu.sm_count) / median(fma)};
}

CaseCheck case_check(const std::string& case_id, const StageError& error, DType dtype) {
  CaseCheck out{case_id, std::nullopt, error_limit(dtype), error.elements, error.passed};
  if (error.error == error.error) out.error = error.error;  // a NaN is absent, never a number
  return out;
}

using Samples = std::vector<double>;

/// One case's timing from its samples at each placement.
Timing timing_of(const std::string& case_id, const std::vector<Samples>& placements) {
  Timing timing;
  timing.case_id = case_id;
  Samples samples_s;
  for (const Samples& placement : placements) {
    timing.placements_s.push_back(interquartile_mean(placement));
    samples_s.insert(samples_s.end(), placement.begin(), placement.end());
  }
  // Not the interquartile mean of all samples: it would leave out the fastest and slowest places.
  timing.iq_mean_s = std::accumulate(timing.placements_s.begin(), timing.placements_s.end(), 0.0) /
                     static_cast<double>(timing.placements_s.size());
  timing.count = static_cast<std::int64_t>(samples_s.size());
  timing.median_s = median(samples_s);
  timing.q1_s = quantile(samples_s, 0.25);
  timing.q3_s = quantile(samples_s, 0.75);
  timing.min_s = quantile(samples_s, 0);
  timing.max_s = quantile(samples_s, 1);
  timing.samples_s = std::move(samples_s);
  return timing;
}

/// What the stages of a workload took, by stage.
struct StageTimes {
  std::map<Stage, Samples> samples_s;
  std::map<Stage, std::vector<KernelLaunch>> launches;
};

/// Reads a trace of whole steps with the kernels that each layer is known to launch. A stage lasts
/// from its first kernel's start to its last one's end. Layer 0's input_norm is another operator
/// (there is no residual to add yet), so it gives no sample.
StageTimes read_steps(const Trace& trace, const std::vector<std::vector<StageKernels>>& layers,
                      std::size_t skip) {
  StageTimes times;
  std::size_t at = 0;
  while (at < trace.kernels.size()) {
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      for (const StageKernels& stage : layers[layer]) {
        const KernelRecord* first = &trace.kernels[at];
        std::uint64_t end_ns = 0;
        for (const std::string& name : stage.names) {
          const KernelRecord& kernel = trace.kernels[at];
          if (kernel.name != name)
            throw DeviceError(fmt::format("stage {} ran {} where {} was expected",
                                          stage_id(stage.stage), demangle(kernel.name),
                                          demangle(name)));
          end_ns = std::max(end_ns, kernel.end_ns);
          ++at;
        }
        if (at <= skip || (stage.stage == Stage::input_norm && layer == 0)) continue;
        times.samples_s[stage.stage].push_back(static_cast<double>(end_ns - first->start_ns) * ns);
        std::vector<KernelLaunch>& launches = times.launches[stage.stage];
        if (launches.empty())
          for (const KernelRecord* k = first; k < first + stage.names.size(); ++k)
            launches.push_back(
                {demangle(k->name), k->grid, k->block, k->registers, k->shared_bytes});
      }
    }
  }
  return times;
}

/// Replays all resident layers `launches` times as one CUDA graph, traced as `what`, and returns
/// the trace. A graph, as serving does it: launched one by one, the kernels of a small model wait
/// for the CPU, and the scatter between processes was up to 4 % instead of 0.7 % (H200,
/// docs/results.md).
Trace replay_layers(DecodeStep& step, TraceOf what, int launches) {
  Timeline timeline(what);
  const Graph graph = capture(step.stream(), [&] {
    for (int layer = 0; layer < step.layers(); ++layer) step.run_layer(0, layer);
  });
  const GraphExec exec = instantiate(graph);
  for (int i = 0; i < launches; ++i) {
    step.reset();
    check(cudaGraphLaunch(exec.get(), step.stream()), "cudaGraphLaunch");
  }
  return timeline.stop();
}

StageTimes time_stages(DecodeStep& step, int samples) {
  std::vector<std::vector<StageKernels>> layers;
  std::size_t kernels_a_step = 0;
  for (int layer = 0; layer < step.layers(); ++layer) {
    layers.push_back(kernels_of_layer(step, layer));
    for (const StageKernels& stage : layers.back()) kernels_a_step += stage.names.size();
  }
  // input_norm has one sample less a step than the others.
  const int steps = (samples + step.layers() - 2) / (step.layers() - 1);
  const Trace trace = replay_layers(step, TraceOf::kernels, warm_up_steps + steps);
  require_whole(trace, kernels_a_step * static_cast<std::size_t>(warm_up_steps + steps), 0);
  return read_steps(trace, layers, kernels_a_step * warm_up_steps);
}

/// The span of all resident layers as one CUDA graph, divided by their number: what serving feels.
Samples time_layer(DecodeStep& step, int samples) {
  const int launches = warm_up_steps + samples;
  const Trace trace = replay_layers(step, TraceOf::graphs, launches);
  require_whole(trace, 0, static_cast<std::size_t>(launches));
  Samples samples_s;
  for (auto record = trace.graphs.begin() + warm_up_steps; record != trace.graphs.end(); ++record)
    samples_s.push_back(static_cast<double>(record->end_ns - record->start_ns) * ns /
                        step.layers());
  return samples_s;
}

/// The checks of a workload's planned stages; `wrong` names the stages that failed.
void check_workload(DecodeStep& step, const Plan& plan, const std::vector<Case>& cases, Gemms gemms,
                    ProcessRecord& record, std::vector<Stage>& wrong) {
  for (const StageError& error : check_step(step, plan.seed, gemms)) {
    if (!error.passed) wrong.push_back(error.stage);
    for (const Case& one : cases)
      if (one.stage == error.stage)
        record.checks.push_back(case_check(one.id, error, step.workload().dtype));
  }
}

/// Everything that is timed at one placement, added to the samples of each case.
void time_placement(DecodeStep& step, const std::vector<Case>& cases, int samples,
                    std::map<std::string, std::vector<Samples>>& by_case,
                    std::map<Stage, std::vector<KernelLaunch>>& launches) {
  StageTimes times = time_stages(step, samples);
  for (const Case& one : cases)
    by_case[one.id].push_back(one.stage ? std::move(times.samples_s.at(*one.stage))
                                        : time_layer(step, samples));
  launches = std::move(times.launches);
}

void time_workload(const Plan& plan, std::size_t index, const GpuFingerprint& gpu,
                   cudaStream_t stream, ProcessRecord& record) {
  const std::vector<Case> cases = workload_cases(plan, index);
  constexpr int places = static_cast<int>(placement_pages.size());
  const int samples = (plan.samples + places - 1) / places;
  std::vector<Stage> wrong;
  std::map<std::string, std::vector<Samples>> by_case;
  std::map<Stage, std::vector<KernelLaunch>> launches;
  for (const int pages : placement_pages) {
    const DeviceBuffer padding(static_cast<std::size_t>(pages + 1) * page_bytes);
    DecodeStep step = make_step(plan.workloads[index], plan, gpu, stream);
    if (by_case.empty()) check_workload(step, plan, cases, Gemms::check, record, wrong);
    time_placement(step, cases, samples, by_case, launches);
  }
  for (const Case& one : cases) {
    if (!one.stage && !wrong.empty()) {
      record.failures.push_back(
          {one.id, fmt::format("stage {} of the layer is wrong", stage_id(wrong.front()))});
      continue;
    }
    if (one.stage && std::find(wrong.begin(), wrong.end(), *one.stage) != wrong.end()) continue;
    record.timings.push_back(timing_of(one.id, by_case.at(one.id)));
    if (one.stage) record.kernels.push_back({one.id, std::move(launches.at(*one.stage))});
  }
}

}  // namespace

ProcessRecord time_plan(const Plan& plan, const GpuFingerprint& gpu) {
  const Stream stream;
  ProcessRecord record;
  record.kind = ProcessKind::timing;
  record.sentinels = run_sentinels(gpu, stream.get());
  for (std::size_t i = 0; i < plan.workloads.size(); ++i) {
    ProcessRecord part;
    try {
      time_workload(plan, i, gpu, stream.get(), part);
    } catch (const std::exception& error) {
      // A sticky error means that the context is gone and nothing after it would be true.
      if (cudaDeviceSynchronize() != cudaSuccess) throw;
      part = {};
      fail_cases(part, workload_cases(plan, i), error.what());
    }
    for (auto& check : part.checks) record.checks.push_back(std::move(check));
    for (auto& kernels : part.kernels) record.kernels.push_back(std::move(kernels));
    for (auto& timing : part.timings) record.timings.push_back(std::move(timing));
    for (auto& failure : part.failures) record.failures.push_back(std::move(failure));
  }
  return record;
}

std::vector<CaseCheck> check_plan(const Plan& plan, const GpuFingerprint& gpu, int layers,
                                  Gemms gemms) {
  const Stream stream;
  ProcessRecord record;
  for (std::size_t i = 0; i < plan.workloads.size(); ++i) {
    const Workload& workload = plan.workloads[i];
    DecodeStep step(workload, layers > 0 ? layers : resident_layers(workload, gpu.l2_bytes),
                    plan.seed, stream.get());
    std::vector<Stage> wrong;
    check_workload(step, plan, workload_cases(plan, i), gemms, record, wrong);
  }
  return std::move(record.checks);
}

}  // namespace perfgate
