// SPDX-License-Identifier: Apache-2.0
// The [[program]] tables of the config.
#pragma once

#include "gate/program/program_spec.h"
#include "gate/util/toml_table.h"

namespace perfgate {

/// Throws UsageError "file:line: key: text".
ProgramSpec read_program(TomlTable table);

}  // namespace perfgate
