// SPDX-License-Identifier: Apache-2.0
// One start of a measured program's command on the chosen GPU, and the conditions beside it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gate/gpu/gpu_reader.h"
#include "gate/measure/measure_program.h"
#include "gate/os/process.h"
#include "gate/record/conditions.h"

namespace perfgate {

struct CommandStart {
  ChildResult child;
  Conditions conditions;
};

/// Runs `command` in the task's folder to its end, or until `enough` says that it has done enough;
/// it sees the request's GPU alone.
CommandStart run_command(const MeasureRequest& request, const ProgramTask& task,
                         const GpuReader& gpu, const std::vector<std::string>& command,
                         std::map<std::string, std::string> environment,
                         const std::function<bool()>& enough = {});

}  // namespace perfgate
