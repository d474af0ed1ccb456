// SPDX-License-Identifier: Apache-2.0
// When the kernels of one step ran.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/record/kernel_launch.h"

namespace perfgate {

/// When one kernel of a step ran, in seconds after the start of the step's first kernel.
struct KernelSpan {
  std::size_t part = 0;  ///< index into StepTimeline::parts
  int repetition = 0;    ///< which repetition of the group within the step, such as a model's layer
  std::size_t launch = 0;  ///< index into StepTimeline::launches
  double start_s = 0, end_s = 0;
  /// The CPU's call that launched it, on the same clock; it mostly precedes the step's first
  /// kernel.
  std::optional<double> call_start_s, call_end_s;
  std::optional<int> stream;  ///< CUPTI's id of it; empty: not known
};

/// The durations of one launch over all steps that were seen.
struct LaunchTimes {
  std::size_t launch = 0;  ///< index into StepTimeline::launches
  int instances = 0;
  double total_s = 0, median_s = 0, min_s = 0, max_s = 0;
};

/// How the kernels of a step are launched.
enum class Launching { graph, calls };
struct LaunchingInfo {
  Launching launching;
  std::string_view id, title, words;
};
inline constexpr std::array<LaunchingInfo, 2> launchings{{
    {Launching::graph, "graph", "in a graph", "replayed as one CUDA graph"},
    {Launching::calls, "calls", "one by one", "launched one by one"},
}};
constexpr const LaunchingInfo& launching_info(Launching launching) {
  return launchings[static_cast<std::size_t>(launching)];
}

/// One step of a group of cases as it ran: the step of median length among several.
struct StepTimeline {
  std::string group;  ///< the group of some of the plan's cases
  /// The parts (of their ids) of the group's cases that have kernels, planned or not.
  std::vector<std::string> parts;
  std::string whole;  ///< the part of the case that is one repetition; "" where there is none
  Launching launching = Launching::graph;
  std::vector<KernelLaunch> launches;  ///< each different launch once
  std::vector<KernelSpan> kernels;     ///< the kernels of the step, ordered by start
  int not_shown = 0;                   ///< kernels of the step behind these, left out
  /// Of every step like this one, and how many these were; empty: `kernels` are all that is known.
  std::vector<LaunchTimes> all;
  int steps = 1;
};

}  // namespace perfgate
