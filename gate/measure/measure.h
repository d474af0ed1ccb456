// SPDX-License-Identifier: Apache-2.0
// One run: fresh runner processes, one after the other, gathered into one record.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gate/gpu/clock_lock.h"
#include "gate/gpu/nvml.h"
#include "gate/record/record.h"

namespace perfgate {

/// A build of perfgate-runner, and its arguments besides the request.
struct Build {
  std::filesystem::path runner;
  std::vector<std::string> arguments{};
};

struct MeasureRequest {
  RunRecord record;  ///< with plan and provenance, without processes
  NvmlGpu gpu;
  std::vector<std::string> more_gpus{};  ///< UUIDs of those that a program sees besides
  LockedClocks clocks;                   ///< as the config wants them under lock and verify
  Build build;
  std::optional<Build> base{};  ///< runs beside the build in each timing process and round
  /// The seed of the order of the two. Drawn anew for each run, so that what is periodic on a
  /// machine does not meet the same order in every run.
  std::uint64_t order_seed = 0;
  int timing_processes = 0;
  double timeout_s = 0;
};

/// Called before each process starts: its description, index and total.
using Progress = std::function<void(const std::string& what, int done, int total)>;

/// Returns the order of head and base in one round, counted from 1; without a base, head alone. A
/// block of two rounds is ABBA or BAAB, so a steady drift of the machine cancels in it. The choice
/// between the two is random, so that nothing periodic on the machine can favour one build.
std::vector<Side> order_of_round(int round, const MeasureRequest& request);

/// Returns the request for one side of it.
MeasureRequest for_side(const MeasureRequest& request, Side side);

/// Measures the request's plan: one process with counters, then the timing ones, in pairs with
/// those of the base build where there is one. A process that
/// dies, or whose measurement is not valid (validity.h), is repeated once; the record says what
/// happened either way. Throws NoVerdict when the runner cannot be started, UsageError when it
/// refuses the request, Interrupted on a signal.
RunRecord measure(const MeasureRequest& request, const Progress& progress);

/// Adds what NVML tells of the GPU to the fingerprint that the runner gave.
void complete_fingerprint(RunRecord& run, const NvmlGpu& gpu);

/// Runs one more process of `kind` for the part of the run that `request` asks for, as `side` and
/// `round`, and repeats it once if it dies or is not valid. Returns false when that did not help
/// either. Throws as measure() does.
bool measure_once(const MeasureRequest& request, ProcessKind kind, Side side, int round,
                  RunRecord& run);

}  // namespace perfgate
