// SPDX-License-Identifier: Apache-2.0
// Measures a benchmark that times itself: fresh starts of its command, each of which writes what it
// measured into its tool's file.
#pragma once

#include <string>
#include <vector>

#include "gate/gpu/gpu_reader.h"
#include "gate/measure/measure_program.h"

namespace perfgate {

/// Starts it once and returns the plan of what its file holds; its cases begin with the program's
/// name. Adds to `notes` what the reader must know. Throws NoVerdict with the reason when nothing
/// was measured.
Plan look_at_benchmark(const MeasureRequest& request, const ProgramTask& task, const GpuReader& gpu,
                       std::vector<std::string>& notes);

/// Starts it for one timing process of `plan`, dead when the start gave nothing. What the file
/// lacks, or measured in another way than at the first look, is a failure of its case.
ProcessRecord time_benchmark(const MeasureRequest& request, const ProgramTask& task,
                             const GpuReader& gpu, const Plan& plan);

}  // namespace perfgate
