// SPDX-License-Identifier: Apache-2.0
// A program with google-benchmark: its output is what google-benchmark.json beside it holds.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstring>
#include <vector>

namespace {

/// Manual time, as a GPU's events would give it.
void copy_manual(benchmark::State& state) {
  std::vector<char> from(static_cast<std::size_t>(state.range(0))), to(from.size());
  for ([[maybe_unused]] auto step : state) {
    const auto begin = std::chrono::steady_clock::now();
    std::memcpy(to.data(), from.data(), from.size());
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
    state.SetIterationTime(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(copy_manual)->Arg(1 << 16)->Arg(1 << 20)->UseManualTime()->Unit(benchmark::kMicrosecond);

void sum(benchmark::State& state) {
  std::vector<int> values(4096, 1);
  for ([[maybe_unused]] auto step : state) {
    int total = 0;
    for (const int value : values) total += value;
    benchmark::DoNotOptimize(total);
  }
}
BENCHMARK(sum);

void no_device(benchmark::State& state) {
  state.SkipWithError("no CUDA device");
  for ([[maybe_unused]] auto step : state) {
  }
}
BENCHMARK(no_device);

}  // namespace

BENCHMARK_MAIN();
