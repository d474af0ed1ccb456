// SPDX-License-Identifier: Apache-2.0
// Problem: see when all loads of the GPU wait for a fraction of a microsecond, without a counter
// for it.
// Design: one thread on every SM loads one word after the other from random places and notes the
// loads that took long, with the GPU's nanosecond timer, which all SMs share. What is long, each
// thread decides by a histogram of its first loads, because SMs are at different distances from the
// memory: the slowest hundredth. So few loads are under way that they do not queue.
// Limited by: the latency of one load. A thread sees a stall only if it has a load under way then:
// about half of the threads do for a stall that is half as long as a load.
#include "kernels/sentinels/memory_beat.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/stream.h"

namespace perfgate {

namespace {

constexpr std::size_t most_bytes = std::size_t{4} << 30;
constexpr std::size_t line_bytes = 128;
// At random places, at most a thirty-second of the loads may find their line in the L2.
constexpr std::size_t least_caches = 32;
// The first loads fill the TLBs, the next ones make the histogram.
constexpr unsigned long long warm_up_ns = 2'000'000, calibration_ns = 6'000'000,
                             probe_ns = 30'000'000;
constexpr int bins = 1024;
constexpr unsigned bin_cycles = 16;
constexpr unsigned slow_percent = 1;
// A thread makes some 40,000 loads in 30 ms, of which the hundredth is noted.
constexpr unsigned most_noted = 2000;

/// A slow load.
struct Note {
  unsigned long long ns;  ///< when it came back
  unsigned cycles;
};

/// What a block saw besides its notes.
struct Seen {
  unsigned long long ns, cycles;  ///< its whole time by both clocks: that is the SM's clock
  unsigned usual_cycles;          ///< the median
  unsigned slow_loads;            ///< those that had no room among the notes count, too
};

__device__ __forceinline__ unsigned long long timer_ns() {
  unsigned long long now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
}

/// Returns the cycles that `percent` of the counted loads do not exceed.
__device__ unsigned latency_at(const unsigned* counts, unsigned percent) {
  unsigned all = 0, sum = 0;
  for (int i = 0; i < bins; ++i) all += counts[i];
  for (int i = 0; i < bins; ++i) {
    sum += counts[i];
    if (100ull * sum >= static_cast<unsigned long long>(percent) * all) return (i + 1) * bin_cycles;
  }
  return bins * bin_cycles;
}

/// One thread a block. `data` holds zeros and never `end`.
__global__ void __launch_bounds__(1) chase_kernel(const char* data, unsigned long long lines,
                                                  unsigned long long end, Note* notes, Seen* seen) {
  __shared__ unsigned counts[bins];
  for (int i = 0; i < bins; ++i) counts[i] = 0;
  Note* const own = notes + static_cast<std::size_t>(blockIdx.x) * most_noted;
  unsigned long long random = 0x9e3779b97f4a7c15ull * (blockIdx.x + 1);
  unsigned limit = 0, usual = 0, found = 0;
  const unsigned long long start_ns = timer_ns();
  const long long start = clock64();
  unsigned long long ns = 0;
  while (ns < calibration_ns + probe_ns) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    const char* const address = data + __umul64hi(random, lines) * line_bytes;
    unsigned long long value;
    const long long before = clock64();
    asm volatile("ld.global.cv.u64 %0, [%1];" : "=l"(value) : "l"(address) : "memory");
    // The branch delays the clock's second read until the load has come back.
    if (value == end) break;
    const auto cycles = static_cast<unsigned>(clock64() - before);
    const unsigned long long now_ns = timer_ns();
    ns = now_ns - start_ns;
    if (limit > 0) {
      if (cycles <= limit) continue;
      if (found < most_noted) own[found] = {now_ns, cycles};
      ++found;
    } else if (ns >= calibration_ns) {
      usual = latency_at(counts, 50);
      limit = latency_at(counts, 100 - slow_percent);
    } else if (ns >= warm_up_ns) {
      ++counts[min(cycles / bin_cycles, static_cast<unsigned>(bins - 1))];
    }
  }
  seen[blockIdx.x] = {ns, static_cast<unsigned long long>(clock64() - start), usual, found};
}

template <class T>
std::vector<T> read_back(const DeviceBuffer& buffer, std::size_t count, cudaStream_t stream) {
  std::vector<T> values(count);
  check(cudaMemcpyAsync(values.data(), buffer.data(), count * sizeof(T), cudaMemcpyDeviceToHost,
                        stream),
        "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  return values;
}

/// Adds what one block noted. Times count from `zero_ns`: seconds since 1970 would lose digits.
void add_loads(const Seen& block, const Note* notes, unsigned long long zero_ns,
               std::vector<SlowLoad>& loads) {
  // A block that ran out of room saw only the beginning: what it noted would look like a burst.
  if (block.slow_loads > most_noted || block.cycles == 0) return;
  const double s_a_cycle = static_cast<double>(block.ns) * 1e-9 / static_cast<double>(block.cycles);
  for (const Note* note = notes; note < notes + block.slow_loads; ++note)
    loads.push_back({static_cast<double>(static_cast<std::int64_t>(note->ns - zero_ns)) * 1e-9,
                     (static_cast<double>(note->cycles) - block.usual_cycles) * s_a_cycle});
}

}  // namespace

std::optional<MemoryBeat> measure_memory_beat(const GpuFingerprint& gpu) {
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  const std::size_t bytes = std::min(most_bytes, free / 2) / line_bytes * line_bytes;
  if (bytes == 0 || bytes < least_caches * static_cast<std::size_t>(gpu.l2_bytes))
    return std::nullopt;
  const Stream stream;
  const auto blocks = static_cast<std::size_t>(sm_count());
  const DeviceBuffer data(bytes), notes(blocks * most_noted * sizeof(Note)),
      seen(blocks * sizeof(Seen));
  check(cudaMemsetAsync(data.data(), 0, bytes, stream.get()), "cudaMemsetAsync");
  constexpr unsigned long long never = 1;
  launch("chase", chase_kernel, static_cast<unsigned>(blocks), 1, stream.get(),
         data.as<const char>(), static_cast<unsigned long long>(bytes / line_bytes), never,
         notes.as<Note>(), seen.as<Seen>());
  const auto by_block = read_back<Seen>(seen, blocks, stream.get());
  const auto noted = read_back<Note>(notes, blocks * most_noted, stream.get());
  std::vector<SlowLoad> loads;
  for (std::size_t block = 0; block < blocks; ++block)
    add_loads(by_block[block], noted.data() + block * most_noted, noted[0].ns, loads);
  return find_memory_beat(loads);
}

}  // namespace perfgate
