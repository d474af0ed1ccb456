// SPDX-License-Identifier: Apache-2.0
// A program as a workload: the command, and what of it is measured. It is what a [[program]] of the
// config or the options of `perfgate profile` say, and the request of the record's source.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "gate/program/program_request.h"
#include "gate/record/source.h"

namespace perfgate {

/// When the gate ends a program: once every process has seen what was wanted, or never.
enum class Until { done, exit };
struct UntilInfo {
  Until until;
  std::string_view id, meaning;
};
inline constexpr std::array<UntilInfo, 2> untils{{
    {Until::done, "done", "end it as soon as the wanted occurrences were seen"},
    {Until::exit, "exit", "let it run to its end"},
}};

struct ProgramSpec {
  std::string name;                  ///< the first part of its cases' ids
  std::vector<std::string> command;  ///< the program and its arguments
  RangeSource source = RangeSource::nvtx;
  LaunchScope scope = LaunchScope::thread;
  std::vector<std::string> ranges, exclude;  ///< filters of NVTX ranges, in ncu's syntax
  std::vector<std::string> kernels;          ///< filters of kernels; empty: all of a range
  int skip = 5;                              ///< occurrences of warm-up, of each range and process
  int occurrences = 40;                      ///< measured after these, of each range and process
  Until until = Until::done;

  bool operator==(const ProgramSpec&) const = default;
};

/// Throws UsageError "field: what is wrong" for a spec that can't be measured.
void check_program(const ProgramSpec& spec);

/// The filters and counts are settings: they must be equal on both sides of a comparison. The
/// command is not, because a comparison may be of two commands.
Source program_source(const ProgramSpec& spec);

}  // namespace perfgate
