// SPDX-License-Identifier: Apache-2.0
// Measures a program as it is: fresh starts of its command, each with the injection library, or,
// where it times itself, each with a file of its own tool's format.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gate/exchange/importer.h"
#include "gate/measure/measure.h"
#include "gate/program/program_measurement.h"
#include "gate/program/program_spec.h"

namespace perfgate {

/// The program as another commit has it.
struct ProgramBuild {
  std::vector<std::string> command;
  std::filesystem::path folder;  ///< where the command runs; empty: in the current one
};

/// What is measured, and by which library.
struct ProgramTask {
  ProgramSpec spec;
  std::filesystem::path library;  ///< libperfgate-inject.so
  bool counters = true;
  std::filesystem::path folder = {};      ///< where the command runs; empty: in the current one
  std::optional<ProgramBuild> base = {};  ///< runs beside it in each timing process and round
  const Importer* importer = nullptr;     ///< reads the file of spec.tool
};

struct ProgramRun {
  RunRecord record;
  std::vector<ProgramRange> ranges;
  std::vector<ProgramRange> base_ranges = {};  ///< of the base build; empty without one
  std::vector<std::string> notes;              ///< what the reader must know of the measurement
  Plan base_plan{};                            ///< of the base build of a program that times itself
};

/// Starts the program once and looks: which ranges there are, and what they launch. Throws
/// NoVerdict with the reason when there is nothing to measure.
ProgramRun look_at_program(const MeasureRequest& request, const ProgramTask& task);

/// Measures it: a first look, the sentinels by the runner, the counters, then the timing
/// processes, in pairs with those of the base build where there is one. `request.record.plan` holds
/// the metrics; sources and cases come from the first look. Throws NoVerdict, UsageError and
/// Interrupted as measure() does.
ProgramRun measure_program(const MeasureRequest& request, const ProgramTask& task,
                           const Progress& progress);

/// Measures the cases of `request.record.plan` once more, in a fresh start of one side's program
/// whose ranges `seen` has, and adds the process to `run`; a start that gives nothing is repeated
/// once. Returns false when that did not help either.
bool measure_program_once(const MeasureRequest& request, const ProgramTask& task,
                          const ProgramRun& seen, Side side, int round, RunRecord& run);

/// Whether its counters can be taken: not of a program that times itself, and not where the whole
/// process is one range, in which no occurrence repeats over which passes could be spread.
bool counts_program(const ProgramTask& task);

/// Counts `request.record.plan`'s metrics of its cases in one more start of one side's program, and
/// adds the process to the run.
void count_program_once(const MeasureRequest& request, const ProgramTask& task, Side side,
                        int round, ProgramRun& run);

}  // namespace perfgate
