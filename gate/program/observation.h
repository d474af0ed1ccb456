// SPDX-License-Identifier: Apache-2.0
// What the injection library saw in one process of a program: the per-process record. It holds
// facts only; program_measurement.h makes cases and samples of them. docs/formats.md describes it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/record/kernel_launch.h"
#include "gate/record/record.h"

namespace perfgate {

inline constexpr int observation_schema = 1;
inline constexpr std::size_t longest_observation_bytes = std::size_t{256} << 20;

/// A range of the program, whether a filter matches it or not.
struct RangeCount {
  std::string domain;  ///< "": the default domain
  std::string name;
  bool start_end = false;  ///< a start/end range, not push/pop
  std::int64_t count = 0;

  bool operator==(const RangeCount&) const = default;
};

/// One occurrence of a wanted range.
struct Occurrence {
  std::size_t name = 0;   ///< index into Observation::names
  bool captured = false;  ///< the range in which a graph's nodes were captured, launched outside it
  std::vector<std::size_t> launches;  ///< indices into Observation::launches, in launch order
  /// When each of the launches ran, in ns after the first start of the process.
  std::vector<std::int64_t> start_ns, end_ns;
};

/// The counters of one range: of all repetitions together.
struct CountedRange {
  std::size_t name = 0;                ///< index into Observation::names
  std::vector<std::string> operators;  ///< of its launches, in launch order, demangled
  std::vector<CaseMetrics> kernels;    ///< one for each launch; case_id is its number
  std::optional<CaseMetrics> whole;    ///< of the range counted as a whole
  int passes = 0, repetitions = 0;
};

struct Observation {
  std::int64_t pid = 0;
  std::string program;    ///< the executable's file name
  std::string rank;       ///< of a distributed job; "" without one
  bool complete = false;  ///< every wanted occurrence was seen; else the process ended before
  bool nvtx = false;      ///< something called NVTX
  std::vector<std::string> names;
  std::vector<KernelLaunch> launches;  ///< each different launch once
  std::vector<bool> graphs;            ///< launches[i] is a whole CUDA graph
  std::vector<bool> in_graph;          ///< launches[i] is a node of a CUDA graph
  /// CUPTI's id of the stream of launches[i]; -1 or none: not known. It makes launches different,
  /// and is no part of what an occurrence launches.
  std::vector<int> streams{};
  std::vector<Occurrence> occurrences;
  std::vector<CountedRange> counted;
  std::vector<AbsentMetric> absent;
  std::vector<RangeCount> seen;
  std::vector<std::string> failures;  ///< what could not be measured, and why
  bool refused = false;  ///< the driver or the GPU refuses: another way of counting is refused, too
  std::int64_t lost = 0;           ///< launches in wanted occurrences without a record
  std::int64_t other_threads = 0;  ///< launches of other threads while a range was open
};

std::string write_observation(const Observation& observation);

/// Reads strictly; throws UsageError naming `source`, the place and what is wrong.
Observation read_observation(std::string_view text, const std::string& source);

}  // namespace perfgate
