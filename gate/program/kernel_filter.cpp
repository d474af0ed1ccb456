// SPDX-License-Identifier: Apache-2.0
#include "gate/program/kernel_filter.h"

#include <fmt/format.h>

#include "gate/program/kernel_name.h"
#include "gate/util/error.h"

namespace perfgate {

KernelFilter parse_kernel_filter(std::string_view text, KernelNameBase base) {
  constexpr std::string_view mark = "regex:";
  const bool is_regex = text.starts_with(mark);
  const std::string_view name = is_regex ? text.substr(mark.size()) : text;
  if (name.empty())
    throw UsageError(fmt::format(
        "kernel filter '{}': the name is missing, as in 'gemm_kernel' or 'regex:gemm'", text));
  return {std::string(text), base,
          is_regex ? NamePattern::regex(name) : NamePattern::literal(name)};
}

bool matches(const KernelFilter& filter, std::string_view demangled, std::string_view mangled) {
  switch (filter.base) {
    case KernelNameBase::function:
      return filter.pattern.matches(function_name(demangled)) ||
             filter.pattern.matches(base_name(demangled));
    case KernelNameBase::demangled:
      return filter.pattern.matches(demangled);
    case KernelNameBase::mangled:
      return filter.pattern.matches(mangled);
  }
  return false;
}

}  // namespace perfgate
