// SPDX-License-Identifier: Apache-2.0
// Problem: delay what follows in a stream by a given time, without touching memory or caches.
// Design: one thread reads the GPU's nanosecond timer until the time is over. The timer ticks in
// 32 ns on an H100 and in 1 us on older chips, which is fine enough for a random length; unlike a
// count of cycles it does not depend on the clock.
// Limited by: launch latency, about a microsecond, which is added to each wait.
#include "kernels/cuda/random_waits.h"

#include <chrono>
#include <random>

#include "kernels/cuda/launch.h"

// C linkage, so that the name in a trace is the name here.
extern "C" __global__ void __launch_bounds__(32) perfgate_random_wait(unsigned long long ns) {
  if (threadIdx.x != 0) return;
  unsigned long long start = 0, now = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(start));
  do {
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  } while (now - start < ns);
}

namespace perfgate {

std::int64_t fresh_seed() {
  // 32 bits: every reader of JSON keeps them.
  return static_cast<std::int64_t>(std::random_device()());
}

void RandomWaits::on_device(cudaStream_t stream) {
  if (none()) return;
  const auto ns = static_cast<unsigned long long>(m_lengths.next_s() * 1e9);
  launch("perfgate_random_wait", perfgate_random_wait, 1, 32, stream, ns);
}

void RandomWaits::on_host(cudaStream_t stream) {
  if (none()) return;
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(
                         std::chrono::duration<double>(m_lengths.next_s()));
  // It watches the clock: the system's sleep has a resolution of about 60 us.
  while (Clock::now() < end) {
  }
}

}  // namespace perfgate
