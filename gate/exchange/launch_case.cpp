// SPDX-License-Identifier: Apache-2.0
#include "gate/exchange/launch_case.h"

#include <fmt/format.h>

#include "gate/program/kernel_name.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

std::string extent_text(const std::array<int, 3>& extent) {
  return fmt::format("{}x{}x{}", extent[0], extent[1], extent[2]);
}

}  // namespace

std::set<std::string> shared_operators(const std::set<std::string>& kernels) {
  std::set<std::string> seen, shared;
  for (const std::string& kernel : kernels)
    if (const std::string name = operator_name(kernel); !seen.insert(name).second)
      shared.insert(name);
  return shared;
}

ImportedCase launch_case(const std::string& kernel, const std::array<int, 3>& grid,
                         const std::array<int, 3>& block, const std::set<std::string>& shared) {
  const std::string name = operator_name(kernel);
  ImportedCase entry;
  entry.group = name_piece(shared.contains(name) ? kernel : name);
  entry.part = fmt::format("grid{},block{}", extent_text(grid), extent_text(block));
  entry.title = clipped(one_line(kernel), 200);
  return entry;
}

}  // namespace perfgate
