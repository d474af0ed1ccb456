// SPDX-License-Identifier: Apache-2.0
// A file of another tool, and what lies beside it.
#pragma once

#include <filesystem>

#include "gate/exchange/importer.h"

namespace perfgate {

/// Reads a tool's file. A file that it names is looked for in the file's folder by the last two
/// parts of its path, whatever comes before them: nothing outside of that folder is read.
ForeignFile foreign_file(const std::filesystem::path& file);

}  // namespace perfgate
