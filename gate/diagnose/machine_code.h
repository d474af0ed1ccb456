// SPDX-License-Identifier: Apache-2.0
// How a kernel's machine code differs between two builds, by what the toolkit's disassembler prints
// of them (`cuobjdump -sass`). It counts how often an instruction stands in the code, which is not
// how often it is executed: the counters tell that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/record/kernel_launch.h"

namespace perfgate {

struct MachineCode {
  std::string kernel;        ///< demangled, as the name of a launch
  std::string architecture;  ///< "90", "90a"
  /// "@P0 BRA .+0x40": without address and encoding; the padding (NOP) behind the end is left out,
  /// and a branch names its target from where it stands, so that code which moved stays the same.
  std::vector<std::string> instructions;
};

/// Returns the mangled names of these kernels, each once, from what `cuobjdump -res-usage` prints
/// of a file: it lists the functions without disassembling them.
std::vector<std::string> functions_of(std::string_view resource_usage,
                                      const std::vector<std::string>& kernels);

/// Returns the kernels of these names in a listing, of every architecture in it. What is no listing
/// has none.
std::vector<MachineCode> read_listing(std::string_view listing,
                                      const std::vector<std::string>& kernels);

/// Returns the code of a kernel that a GPU of this compute capability ("9.0") executes: the one of
/// the highest architecture of its generation that is not above it. Null: it is not in `codes`.
const MachineCode* code_for(const std::vector<MachineCode>& codes, std::string_view kernel,
                            std::string_view compute_capability);

/// One kernel in both builds, as it was launched and as it was disassembled.
struct CodePair {
  const KernelLaunch &base_launch, &launch;
  const MachineCode &base, &head;
};

/// Returns "attention_kernel: instructions 412 to 530 (FFMA +96, LDG -8, 3 more), spills 0 to 12,
/// registers 64 to 96"; "" where the instructions are the same. Spills are the instructions that
/// load or store local memory.
std::string code_difference(const CodePair& pair);

/// Returns the difference of the two listings as a unified diff.
std::string listing_difference(const MachineCode& base, const MachineCode& head);

}  // namespace perfgate
