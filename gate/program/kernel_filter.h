// SPDX-License-Identifier: Apache-2.0
// Which kernels are meant: ncu's `-k NAME` and `-k regex:EXPRESSION` with `--kernel-name-base`.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "gate/program/name_pattern.h"

namespace perfgate {

/// The form of a kernel's name that a filter is held against.
enum class KernelNameBase { function, demangled, mangled };
struct KernelNameBaseInfo {
  KernelNameBase base;
  std::string_view id, meaning;
};
inline constexpr std::array<KernelNameBaseInfo, 3> kernel_name_bases{{
    {KernelNameBase::function, "function", "without template arguments and parameters"},
    {KernelNameBase::demangled, "demangled", "with its types, template arguments and parameters"},
    {KernelNameBase::mangled, "mangled", "as the module has it"},
}};

struct KernelFilter {
  std::string text;  ///< as it was written
  KernelNameBase base = KernelNameBase::function;
  NamePattern pattern{};
};

/// A name matches as a whole, an expression where it is found in the name. Throws UsageError for
/// an empty name and a wrong expression.
KernelFilter parse_kernel_filter(std::string_view text,
                                 KernelNameBase base = KernelNameBase::function);

/// Under `function` the name matches with its namespaces or without. Takes the kernel apart, so ask
/// once for each kernel, not for each launch.
bool matches(const KernelFilter& filter, std::string_view demangled, std::string_view mangled);

}  // namespace perfgate
