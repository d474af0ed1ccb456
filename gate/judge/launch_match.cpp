// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/launch_match.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/text.h"

namespace perfgate {

const CodeMatchInfo& code_match_info(CodeMatch match) {
  return code_matches[static_cast<std::size_t>(match)];
}

CodeMatch worst_match(CodeMatch a, CodeMatch b) {
  // Unknown and same give unknown; unknown and a difference give the difference.
  if (a == CodeMatch::same && b == CodeMatch::unknown) return b;
  if (b == CodeMatch::same && a == CodeMatch::unknown) return a;
  return std::max(a, b);
}

CodeMatch match_launches(const std::vector<KernelLaunch>& base,
                         const std::vector<KernelLaunch>& head) {
  if (base.empty() || head.empty()) return CodeMatch::unknown;
  if (!std::equal(base.begin(), base.end(), head.begin(), head.end(),
                  [](const auto& a, const auto& b) { return a.name == b.name; }))
    return CodeMatch::kernels;
  CodeMatch match = CodeMatch::same;
  for (std::size_t i = 0; i < base.size(); ++i) {
    const KernelLaunch &a = base[i], &b = head[i];
    CodeMatch kernel_match = CodeMatch::same;
    if (a.grid != b.grid || a.block != b.block || a.registers != b.registers ||
        a.shared_bytes != b.shared_bytes)
      kernel_match = CodeMatch::launch;
    else if (a.code.empty() || b.code.empty())
      kernel_match = CodeMatch::unknown;
    else if (a.code != b.code)
      kernel_match = CodeMatch::code;
    match = worst_match(match, kernel_match);
  }
  return match;
}

std::string dimensions(const std::array<int, 3>& size) {
  return fmt::format("{}x{}x{}", size[0], size[1], size[2]);
}

std::string launch_difference(const std::vector<KernelLaunch>& base,
                              const std::vector<KernelLaunch>& head) {
  if (base.size() != head.size())
    return fmt::format("{} to {}", base.size(), count_of(head.size(), "kernel"));
  for (std::size_t i = 0; i < base.size(); ++i) {
    const KernelLaunch &a = base[i], &b = head[i];
    std::vector<std::string> parts;
    const auto add = [&](std::string_view what, const auto& from, const auto& to) {
      if (from != to) parts.push_back(fmt::format("{} {} to {}", what, from, to));
    };
    if (a.name != b.name) parts.push_back(fmt::format("{} to {}", a.name, b.name));
    add("grid", dimensions(a.grid), dimensions(b.grid));
    add("block", dimensions(a.block), dimensions(b.block));
    add("registers", a.registers, b.registers);
    add("shared bytes", a.shared_bytes, b.shared_bytes);
    if (!parts.empty()) return join(parts);
  }
  return "";
}

}  // namespace perfgate
