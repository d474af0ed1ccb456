// SPDX-License-Identifier: Apache-2.0
// What the gate asks of the injection library. It is a file of JSON; the environment variable names
// it, so that every process of the measured command finds it (docs/formats.md).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gate/record/metric.h"

namespace perfgate {

inline constexpr int program_request_schema = 1;
inline constexpr const char* program_request_variable = "PERFGATE_INJECT_REQUEST";

/// What a process of the program is run for. Timing and counters never share a process.
enum class ProgramMode { time, count_kernels, count_ranges };
struct ProgramModeInfo {
  ProgramMode mode;
  std::string_view id, meaning;
};
inline constexpr std::array<ProgramModeInfo, 3> program_modes{{
    {ProgramMode::time, "time", "when each kernel ran"},
    {ProgramMode::count_kernels, "count_kernels", "counters of each kernel, launches serialised"},
    {ProgramMode::count_ranges, "count_ranges", "counters of each range as a whole"},
}};

/// What an occurrence is.
enum class RangeSource { nvtx, profiler_api, all, kernel };
struct RangeSourceInfo {
  RangeSource source;
  std::string_view id, meaning;
};
inline constexpr std::array<RangeSourceInfo, 4> range_sources{{
    {RangeSource::nvtx, "nvtx", "an NVTX range that a filter matches"},
    {RangeSource::profiler_api, "profiler-api", "from cudaProfilerStart to cudaProfilerStop"},
    {RangeSource::all, "all", "the whole process, once"},
    {RangeSource::kernel, "kernel", "one launch of a kernel that a filter matches"},
}};

/// Which threads' launches belong to a push/pop range.
enum class LaunchScope { thread, process };
struct LaunchScopeInfo {
  LaunchScope scope;
  std::string_view id, meaning;
};
inline constexpr std::array<LaunchScopeInfo, 2> launch_scopes{{
    {LaunchScope::thread, "thread", "the launches of the thread that pushed it"},
    {LaunchScope::process, "process", "the launches of every thread while it is open"},
}};

struct ProgramRequest {
  ProgramMode mode = ProgramMode::time;
  RangeSource source = RangeSource::nvtx;
  LaunchScope scope = LaunchScope::thread;
  std::vector<std::string> include, exclude;  ///< filters of ranges (range_filter.h)
  std::vector<std::string> kernels;           ///< filters of kernels; empty: all
  std::int64_t skip = 0;                      ///< occurrences of warm-up, of each range
  std::int64_t occurrences = 0;               ///< wanted after these, of each range
  bool whole_graphs = false;  ///< time a CUDA graph as one launch, which does not lengthen it
  int repetitions = 0;        ///< of the counters, each over as many occurrences as passes
  std::string folder;         ///< where each process writes its observation
  std::vector<Metric> metrics;
};

std::string write_program_request(const ProgramRequest& request);

/// Throws UsageError naming `source` and what is wrong.
ProgramRequest read_program_request(std::string_view text, const std::string& source);

}  // namespace perfgate
