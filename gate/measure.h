// One run: fresh runner processes, one after the other, gathered into one record.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "clocks.h"
#include "nvml.h"
#include "record.h"

namespace perfgate {

struct MeasureRequest {
  RunRecord record;  ///< with plan and provenance, without processes
  NvmlGpu gpu;
  LockedClocks clocks;  ///< as the config wants them under lock and verify
  std::filesystem::path runner;
  int timing_processes = 0;
  double timeout_s = 0;
};

/// Told before each process: what will run, as the how-manieth of how many.
using Progress = std::function<void(const std::string& what, int done, int total)>;

/// Measures the request's plan: one process with counters, then the timing ones. A process that
/// dies, or whose measurement is not valid (validity.h), is repeated once; what happened stands in
/// the record either way. Throws NoVerdict when the
/// runner cannot be started, Interrupted on a signal.
RunRecord measure(const MeasureRequest& request, const Progress& progress);

}  // namespace perfgate
