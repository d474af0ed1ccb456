// SPDX-License-Identifier: Apache-2.0
// The files of other tools as a run.
#pragma once

#include <string>
#include <vector>

#include "gate/config/config.h"
#include "gate/exchange/importer.h"

namespace perfgate {

/// Puts the plan and the processes of a tool's files into `run`; returns the notes. `gpu` is --gpu:
/// "auto", the id of a file of configs/gpus, or a GPU's name as its driver reports it. Throws
/// UsageError when no file tells the GPU and `gpu` does not either.
std::vector<std::string> import_files(RunRecord& run, const Importer& importer,
                                      const std::vector<ForeignFile>& files, const Config& config,
                                      const std::string& gpu);

}  // namespace perfgate
