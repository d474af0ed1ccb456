// SPDX-License-Identifier: Apache-2.0
#include "kernels/collect/launch_of.h"

#include "gate/util/demangle.h"

namespace perfgate {

KernelLaunch launch_of(const KernelRecord& kernel, const Modules& modules) {
  return {demangle(kernel.name), kernel.grid,         kernel.block,
          kernel.registers,      kernel.shared_bytes, modules.code(kernel.name)};
}

}  // namespace perfgate
