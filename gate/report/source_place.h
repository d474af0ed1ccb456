// SPDX-License-Identifier: Apache-2.0
// Finds where in a source file a kernel is defined, for the annotations of a change.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace perfgate {

/// Returns the name of a kernel without its return type, namespaces, template arguments and
/// parameters: "attention" of "void perfgate::attention<128>(float*)".
std::string plain_kernel_name(std::string_view name);

struct KernelLine {
  int line = 1;  ///< counted from 1
  bool defined = false;

  bool operator==(const KernelLine&) const = default;
};

/// Returns the line in which `text` defines the kernel `name` (a plain name): the first one that
/// has it as a whole word behind __global__, on this line or up to three above it, or behind "def".
/// Else the first line that has it at all; empty without one.
std::optional<KernelLine> line_of_kernel(std::string_view text, std::string_view name);

}  // namespace perfgate
