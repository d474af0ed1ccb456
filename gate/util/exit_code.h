// SPDX-License-Identifier: Apache-2.0
// The whole exit-code policy. `--help` and the docs print this table.
#pragma once

#include <array>
#include <string_view>

namespace perfgate {

enum class ExitCode : int {
  pass = 0,
  regressed = 1,
  usage = 2,
  no_verdict = 3,
  interrupted = 130,
};

struct ExitCodeInfo {
  ExitCode code;
  std::string_view meaning;
};

inline constexpr std::array<ExitCodeInfo, 5> exit_codes{{
    {ExitCode::pass, "everything judged, nothing regressed"},
    {ExitCode::regressed, "a regression was proved (wins over 3)"},
    {ExitCode::usage, "bad usage, config, baseline or record"},
    {ExitCode::no_verdict, "no verdict: no GPU, no baseline, invalid, inconclusive, runner failed"},
    {ExitCode::interrupted, "interrupted"},
}};

}  // namespace perfgate
