// SPDX-License-Identifier: Apache-2.0
// What the launches of one kernel are called where a tool lists launches: kernel, grid and block.
#pragma once

#include <array>
#include <set>
#include <string>
#include <vector>

#include "gate/exchange/importer.h"

namespace perfgate {

/// Returns the operators that are the name of several of these kernels, such as instances of one
/// template: their cases need the whole name.
std::set<std::string> shared_operators(const std::set<std::string>& kernels);

/// Returns the case of a kernel's launches with this grid and block, still without samples.
ImportedCase launch_case(const std::string& kernel, const std::array<int, 3>& grid,
                         const std::array<int, 3>& block, const std::set<std::string>& shared);

}  // namespace perfgate
