// SPDX-License-Identifier: Apache-2.0
// The files of other tools, and what lies beside them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gate/config/config.h"
#include "gate/exchange/importer.h"

namespace perfgate {

/// Reads a tool's file. A file that it names is looked for in the file's folder by the last two
/// parts of its path, whatever comes before them: nothing outside of that folder is read.
ForeignFile foreign_file(const std::filesystem::path& file);

/// Puts the plan and the processes of a tool's files into `run`; returns the notes. `gpu` is --gpu:
/// "auto", the id of a file of configs/gpus, or a GPU's name as its driver reports it. Throws
/// UsageError when no file tells the GPU and `gpu` does not either.
std::vector<std::string> import_files(RunRecord& run, const Importer& importer,
                                      const std::vector<ForeignFile>& files, const Config& config,
                                      const std::string& gpu);

}  // namespace perfgate
