// SPDX-License-Identifier: Apache-2.0
// One start of a program with the injection library in it.
#pragma once

#include "gate/gpu/gpu_reader.h"
#include "gate/measure/measure_program.h"
#include "gate/program/program_findings.h"
#include "gate/program/program_request.h"
#include "gate/record/conditions.h"

namespace perfgate {

struct InjectedStart {
  ProgramStart seen;
  Conditions conditions;
  double wall_s = 0;
};

/// Throws UsageError when another tool has the places that the library is loaded by: under nsys or
/// ncu they are taken.
void require_free_places();

/// Asks the library for `asked`; its folder is chosen here. Throws NoVerdict when what a process
/// wrote is not readable.
InjectedStart start_injected(const MeasureRequest& request, const ProgramTask& task,
                             const GpuReader& gpu, ProgramRequest asked);

}  // namespace perfgate
