// SPDX-License-Identifier: Apache-2.0
// Compares the machine code of two builds of the runner, where a case was proved to be slower: the
// toolkit's disassembler reads both files. Without a disassembler nothing is said.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "gate/cli/command_parser.h"
#include "gate/report/report.h"

namespace perfgate {

/// --code-diff FILE
void add_code_diff(CommandParser& parser, std::optional<std::string>& file);

/// Adds the line on the machine code to the cases that regressed and whose kernels differ. Returns
/// the listings' differences as text, or why there is none.
std::string compare_code(Report& report, const std::filesystem::path& base_runner,
                         const std::filesystem::path& head_runner);

}  // namespace perfgate
