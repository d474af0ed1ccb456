// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/counting.h"

#include <fmt/format.h>
#include <nvtx3/nvToolsExt.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "gate/util/demangle.h"
#include "gate/util/error.h"
#include "kernels/collect/counter_set.h"
#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/random_waits.h"
#include "kernels/cupti/counters.h"
#include "kernels/cupti/profiler_session.h"
#include "kernels/cupti/timeline.h"
#include "kernels/decode/stage_kernels.h"
#include "kernels/decode/workload_cases.h"
#include "kernels/sentinels/memory_beat.h"
#include "kernels/sentinels/sentinels.h"

namespace perfgate {

namespace {

// When a pass starts, the profiler leaves the L2 full of its own dirty lines, and the first kernel
// pays for writing them back: 27 MB of HBM writes and 7 us more were seen in a GEMM (H200). The
// lines also leave slowly: with the end of one layer before, three layers that follow each other
// still showed 2.5, 1.0 and 0.4 MB of writes in the same GEMM (H100). So a pass begins with a read
// of gigabytes, and goes on with the end of the layer before, which leaves the activations as a
// decode does. The counts of both are discarded. That layer's silu_mul is left out, because its
// output is still in place: each kernel of a pass costs the profiler milliseconds.
constexpr std::size_t most_swept_bytes = std::size_t{4} << 30;
constexpr std::array lead_in{Stage::gate_up_proj, Stage::down_proj};

// This many layers are counted, one after the other as in a decode: the same kernels, each time
// with other weights at other addresses. They tell which counters repeat exactly, nearly, or not at
// all. All in one pass, so that only the first needs a lead-in.
constexpr int repetitions = 3;

/// What one pass launches: the lead-in, then the layers that are counted, each after a wait of
/// random length. That is one of the CPU: a kernel that waits would be counted, too.
class Pass {
 public:
  /// `swept` is the memory that holds the step.
  Pass(DecodeStep& step, std::span<const std::byte> swept)
      : m_step(step),
        m_swept(swept.first(std::min(swept.size(), most_swept_bytes))),
        m_first(first_counted(step)),
        m_stages(kernels_of_layer(step, m_first)) {
    add(kernels_of(m_step.stream(), [&] { sweep(); }));
    for (const Stage stage : lead_in)
      add(kernels_of(m_step.stream(), [&] { m_step.run_stage(m_first - 1, stage); }));
    m_lead = m_names.size();
    for (int layer = m_first; layer < m_step.layers(); ++layer)
      for (const StageKernels& stage : m_stages) add(stage.names);
    m_layer = (m_names.size() - m_lead) / repetitions;
  }

  const std::vector<StageKernels>& stages() const { return m_stages; }

  /// The whole pass must launch, by name, what its stages launch one by one, and each layer must
  /// launch the same as the first: the ranges of the profiler have only numbers.
  void check_names() const {
    const std::vector<std::string> names = kernels_of(m_step.stream(), [&] { run(); });
    for (std::size_t i = 0; i < std::max(names.size(), m_names.size()); ++i) {
      const std::string now = i < names.size() ? demangle(names[i]) : "nothing";
      const std::string known = i < m_names.size() ? demangle(m_names[i]) : "nothing";
      if (now != known)
        throw DeviceError(
            fmt::format("kernel {} of a pass is {} where {} was expected: the kernel "
                        "set changed",
                        i, now, known));
    }
  }

  /// Runs what precedes a pass on the GPU in a step.
  void run_before() const {
    m_step.reset();
    for (int i = 0; i < m_first; ++i) m_step.run_layer(0, i);
  }

  void run(RandomWaits* waits = nullptr) const {
    sweep();
    for (const Stage stage : lead_in) m_step.run_stage(m_first - 1, stage);
    for (int layer = m_first; layer < m_step.layers(); ++layer) {
      if (waits) waits->on_host(m_step.stream());
      m_step.run_layer(0, layer);
    }
  }

  /// Returns the counter values of the kernels of each counted layer, in launch order.
  std::vector<KernelValues> count(Counters& counters, RandomWaits& waits) const {
    const KernelValues values = counters.collect(
        m_names.size(), [&] { run_before(); }, [&] { run(&waits); });
    for (std::size_t i = m_lead; i < values.size(); ++i)
      if (!(values[i][0] > 0))
        throw DeviceError(fmt::format("the profiler gave {} a duration of {} ns",
                                      demangle(m_names[i]), values[i][0]));
    std::vector<KernelValues> layers;
    for (auto at = values.begin() + static_cast<std::ptrdiff_t>(m_lead); at != values.end();
         at += static_cast<std::ptrdiff_t>(m_layer))
      layers.emplace_back(at, at + static_cast<std::ptrdiff_t>(m_layer));
    return layers;
  }

 private:
  static int first_counted(const DecodeStep& step) {
    if (step.layers() > repetitions) return step.layers() - repetitions;
    throw DeviceError(fmt::format("{} resident layers are too few: {} are counted, after another",
                                  step.layers(), repetitions));
  }

  void add(const std::vector<std::string>& names) {
    m_names.insert(m_names.end(), names.begin(), names.end());
  }

  void sweep() const {
    read_stream(m_swept.data(), m_swept.size(), m_sink.as<std::uint32_t>(), m_step.stream());
  }

  DecodeStep& m_step;
  std::span<const std::byte> m_swept;
  DeviceBuffer m_sink{256};
  int m_first;  ///< the first counted layer
  std::vector<StageKernels> m_stages;
  std::vector<std::string> m_names;  ///< mangled, for the whole pass
  std::size_t m_lead = 0;            ///< how many of them belong to the lead-in
  std::size_t m_layer = 0;           ///< how many belong to one counted layer
};

/// Returns the kernels of `stage` from those of the layer; all of them without a stage.
KernelValues choose(const KernelValues& values, const std::vector<StageKernels>& layer,
                    const std::optional<Stage>& stage) {
  KernelValues chosen;
  auto at = values.begin();
  for (const StageKernels& one : layer) {
    const auto end = at + static_cast<std::ptrdiff_t>(one.names.size());
    if (!stage || *stage == one.stage) chosen.insert(chosen.end(), at, end);
    at = end;
  }
  return chosen;
}

void count_workload(const DecodePlan& plan, const PlannedWorkload& planned,
                    const GpuFingerprint& gpu, cudaStream_t stream, DeviceArena& arena,
                    const CounterSet& set, Counters& counters, Phases& phases, RandomWaits& waits,
                    ProcessRecord& record) {
  phases.enter("memory");
  DecodeStep step = make_step(planned.workload, plan, gpu, stream, {&arena});
  phases.enter("warm-up");
  step.run(0);  // lazy loading must happen before a pass
  const Pass pass(step, arena.memory());
  pass.check_names();
  const std::vector<KernelValues> layers = pass.count(counters, waits);
  phases.enter("warm-up");
  pass.check_names();
  phases.enter("memory");
  for (const StageCase& one : planned.cases) {
    std::vector<KernelValues> chosen;
    for (const KernelValues& values : layers)
      chosen.push_back(choose(values, pass.stages(), one.stage));
    record.metrics.push_back(summarize(set, one.id, chosen));
  }
}

}  // namespace

ProcessRecord count_plan(const DecodePlan& plan, GpuFingerprint& gpu, Phases& phases) {
  const Stream stream;
  std::optional<DeviceArena> arena(std::in_place);
  phases.enter("profiler");
  const ProfilerSession& session = profiler_session();
  gpu.chip = session.chip;
  phases.enter("metrics");
  const CounterSet set =
      resolve(plan.metrics, MetricHost(session.chip, session.availability), session.chip);
  Counters counters(set.counters, phases);
  ProcessRecord record;
  record.kind = ProcessKind::counters;
  record.passes = counters.passes();
  record.absent = set.absent;
  const Dither dither{fresh_seed(), plan.dither_s};
  if (dither.longest_s > 0) record.dither = dither;
  RandomWaits waits(dither);
  for (const PlannedWorkload& planned : plan.workloads) {
    try {
      count_workload(plan, planned, gpu, stream.get(), *arena, set, counters, phases, waits,
                     record);
    } catch (const UsageError&) {
      throw;  // the request is impossible; no case is at fault
    } catch (const std::exception& error) {
      if (cudaDeviceSynchronize() != cudaSuccess) throw;
      fail_cases(record, planned.cases, error.what());
    }
  }
  // It comes last: now the clocks are up.
  phases.enter("memory beat");
  arena.reset();
  record.memory_beat = measure_memory_beat(gpu);
  return record;
}

void run_passes(const DecodePlan& plan, const GpuFingerprint& gpu, int passes) {
  const Stream stream;
  DeviceArena arena;
  for (const PlannedWorkload& planned : plan.workloads) {
    DecodeStep step = make_step(planned.workload, plan, gpu, stream.get(), {&arena});
    step.run(0);
    const Pass pass(step, arena.memory());
    for (int i = 0; i < passes; ++i) {
      pass.run_before();
      nvtxRangePushA("counted");
      pass.run();
      nvtxRangePop();
      check(cudaStreamSynchronize(stream.get()), "cudaStreamSynchronize");
    }
  }
}

}  // namespace perfgate
