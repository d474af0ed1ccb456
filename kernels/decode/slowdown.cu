// SPDX-License-Identifier: Apache-2.0
// Problem: make a stage slower by a given share of its own time, whatever kernels it runs.
// Design: one thread reads the GPU's nanosecond timer before the stage, one thread after it; the
// second one then spins. The wait is counted in SM cycles, because the timer ticks in 32 ns on an
// H100 and in 1 us on older chips: its readings are right on average, but too coarse to wait for.
// The cycles assume the highest clock, so under a lower clock the wait is that much longer.
// Limited by: launch latency, about a microsecond a marker.
#include "kernels/decode/slowdown.h"

#include "kernels/cuda/launch.h"

namespace perfgate {

namespace {

__device__ __forceinline__ unsigned long long timer_ns() {
  unsigned long long now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
}

__global__ void __launch_bounds__(32) stretch_begin_kernel(unsigned long long* begin_ns) {
  if (threadIdx.x == 0) *begin_ns = timer_ns();
}

__global__ void __launch_bounds__(32)
    stretch_end_kernel(const unsigned long long* begin_ns, double cycles_per_ns) {
  if (threadIdx.x != 0) return;
  const double elapsed_ns = static_cast<double>(timer_ns() - *begin_ns);
  const auto wait = static_cast<long long>(elapsed_ns * cycles_per_ns);
  // The branch delays the clock's read until the load has come back: otherwise half a microsecond
  // would count as waited for.
  if (wait <= 0) return;
  const long long start = clock64();
  while (clock64() - start < wait) {
  }
}

double clock_ghz() {
  int device = 0, khz = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&khz, cudaDevAttrClockRate, device), "cudaDeviceGetAttribute");
  return khz * 1e-6;
}

}  // namespace

Stretch::Stretch(double ratio)
    : m_begin_ns(sizeof(unsigned long long)), m_cycles_per_ns(ratio * clock_ghz()) {}

void Stretch::begin(cudaStream_t stream) const {
  launch("stretch_begin", stretch_begin_kernel, 1, 32, stream, m_begin_ns.as<unsigned long long>());
}

void Stretch::end(cudaStream_t stream) const {
  launch("stretch_end", stretch_end_kernel, 1, 32, stream, m_begin_ns.as<unsigned long long>(),
         m_cycles_per_ns);
}

}  // namespace perfgate
