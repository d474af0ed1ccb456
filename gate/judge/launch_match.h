// SPDX-License-Identifier: Apache-2.0
// Whether two measurements ran the same kernels, and what differs.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "gate/record/kernel_launch.h"

namespace perfgate {

enum class CodeMatch {
  unknown,  ///< the same as far as is known
  same,
  code,     ///< same names and launches, other machine code
  launch,   ///< same names, launched differently; the code may differ too
  kernels,  ///< different kernels, or more or fewer of them
};          // later entries differ more
struct CodeMatchInfo {
  CodeMatch match;
  std::string_view id, words;
};
inline constexpr std::array<CodeMatchInfo, 5> code_matches{{
    {CodeMatch::unknown, "unknown", "same launch, code unknown"},
    {CodeMatch::same, "same", "same code"},
    {CodeMatch::code, "code", "code changed"},
    {CodeMatch::launch, "launch", "launch changed"},
    {CodeMatch::kernels, "kernels", "other kernels"},
}};
const CodeMatchInfo& code_match_info(CodeMatch match);

CodeMatch match_launches(const std::vector<KernelLaunch>& base,
                         const std::vector<KernelLaunch>& head);

/// Of several parts: the one that differs most; `same` only when all are.
CodeMatch worst_match(CodeMatch a, CodeMatch b);

/// Returns "grid 256x1x1 to 512x1x1, registers 64 to 128" for the first launch that differs; "" for
/// none.
std::string launch_difference(const std::vector<KernelLaunch>& base,
                              const std::vector<KernelLaunch>& head);

/// Returns "132x1x1".
std::string dimensions(const std::array<int, 3>& size);

}  // namespace perfgate
