// SPDX-License-Identifier: Apache-2.0
#include "kernels/sentinels/roofs.h"

#include <algorithm>

#include "gate/util/stats.h"
#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/stream.h"
#include "kernels/cupti/timeline.h"
#include "kernels/cupti/trace_checks.h"
#include "kernels/sentinels/memory_beat.h"
#include "kernels/sentinels/sentinels.h"

namespace perfgate {

Sentinels measure_roofs(const GpuFingerprint& gpu, DeviceArena& arena, cudaStream_t stream) {
  constexpr int repetitions = 12, kept = 5;
  constexpr int fma_iterations = 20000;
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  const std::size_t bytes = std::min<std::size_t>(std::size_t{4} << 30, free / 4) & ~0xFFFull;
  const DeviceBuffer data(arena.reserve(bytes), bytes), sink(256);
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

ProcessRecord sentinels_alone(const GpuFingerprint& gpu, Phases& phases) {
  ProcessRecord record;
  record.kind = ProcessKind::sentinels;
  {
    phases.enter("sentinels");
    const Stream stream;
    DeviceArena arena;
    record.sentinels = measure_roofs(gpu, arena, stream.get());
  }
  phases.enter("memory beat");
  record.memory_beat = measure_memory_beat(gpu);
  return record;
}

}  // namespace perfgate
