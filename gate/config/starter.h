// SPDX-License-Identifier: Apache-2.0
// The first files of a project, as `perfgate init` writes them: pure text from what was found.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

/// A program that looks like a benchmark, to begin with.
struct StarterProgram {
  std::string name;
  std::vector<std::string> command;
  std::vector<std::string> ranges;  ///< filters of NVTX ranges; empty: kernel by kernel
};

struct StarterFacts {
  std::optional<StarterProgram> program;  ///< absent: the built-in suite
  std::string gpu_id;                     ///< also the label of the runner
  std::string action;                     ///< "ORG/perfgate@v1"
};

struct StarterFile {
  std::string path;  ///< below the top of the repository
  std::string text;
};

/// Returns perfgate.toml and the workflows.
std::vector<StarterFile> starter_files(const StarterFacts& facts);

/// What git should ignore: the folder of the action's reports.
inline constexpr std::string_view ignored_line = "/perfgate/out/";

/// Whether a file is called as benchmarks are: "bench_decode.py", "my-benchmark".
bool looks_like_benchmark(std::string_view file_name);

/// Returns filters of the NVTX push/pop ranges that a source text opens by literal names; what an
/// f-string or a format puts in is '*'.
std::vector<std::string> nvtx_ranges_in(std::string_view text);

}  // namespace perfgate
