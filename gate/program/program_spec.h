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

/// A tool whose benchmarks time themselves and write what they measured into a file, which
/// gate/exchange reads. Its arguments tell a benchmark where.
struct BenchmarkTool {
  std::string_view id;
  std::array<std::string_view, 2> arguments;
};
/// Stands for the file's path, in the arguments and in a command.
inline constexpr std::string_view file_placeholder = "{file}";
inline constexpr std::array<BenchmarkTool, 2> benchmark_tools{{
    {"nvbench", {"--jsonbin", "{file}"}},
    {"google-benchmark", {"--benchmark_out={file}", "--benchmark_out_format=json"}},
}};

inline constexpr int most_gpus = 64;

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
  /// The program times itself: nothing is loaded into it, and its cases are what its file says.
  /// Null: its ranges are its cases.
  const BenchmarkTool* tool = nullptr;
  int gpus = 1;  ///< that it sees: the chosen one, which is the judged one, and the next ones

  bool operator==(const ProgramSpec&) const = default;
};

/// Throws UsageError "field: what is wrong" for a spec that can't be measured.
void check_program(const ProgramSpec& spec);

/// Returns the command that makes a benchmark of `tool` write to `file`: each `{file}` in it is the
/// path; a command without one gets the tool's own arguments behind its last.
std::vector<std::string> benchmark_command(const std::vector<std::string>& command,
                                           const BenchmarkTool& tool, const std::string& file);

/// The filters and counts are settings: they must be equal on both sides of a comparison. The
/// command is not, because a comparison may be of two commands.
Source program_source(const ProgramSpec& spec);

/// Whether counters can be taken of a source: not of what another tool measured, and not of ranges
/// that do not repeat in the way that passes need.
bool can_be_counted(const Source& source);

}  // namespace perfgate
