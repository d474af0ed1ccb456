// Which baseline file a command means, and its contents: from the work tree or from git.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gate/baseline/baseline.h"
#include "gate/cli/cli.h"
#include "gate/cli/project.h"

namespace perfgate {

/// --baseline, else the board's own file of the house where there is one, else
/// baselines/<gpu>.toml.
std::filesystem::path baseline_path(const Options& options, const House& house, const Board& board);

/// Throws NoVerdict when the file is not there, UsageError when it is not to be trusted.
Baseline load_baseline(const std::filesystem::path& file, const std::string& gpu);

struct StoredBaseline {
  Baseline baseline;
  std::vector<std::string> notes;  ///< for the report
};

/// What a run of `board` is judged against: its file as it is in the commit that --baseline-ref
/// names, so that a change can't edit its own judge; without it that of baseline_path(). Throws
/// UsageError for an unknown ref, else as load_baseline().
StoredBaseline stored_baseline(const Options& options, const House& house, const Board& board);

}  // namespace perfgate
