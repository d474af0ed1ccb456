// SPDX-License-Identifier: Apache-2.0
// ncu's CSV as a list of launches, whichever of its two shapes the file has: long, a row for each
// launch and metric; or wide (`--page raw`), a row for each launch, below a row with the units.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "gate/exchange/importer.h"

namespace perfgate {

struct NcuLaunch {
  std::string kernel;  ///< demangled
  std::array<int, 3> grid{}, block{};
  std::string compute_capability;
  /// Numbers in ncu's base units (nanoseconds, bytes, hertz, percent) by the name in the file; what
  /// is "n/a" or "nan" is left out.
  std::map<std::string, double> metrics;
  std::map<std::string, std::string> texts;  ///< metrics that are no numbers, such as a GPU's name
};

/// Throws UsageError naming the launch, the metric and what is not understood.
std::vector<NcuLaunch> read_ncu_table(const ForeignFile& file);

}  // namespace perfgate
