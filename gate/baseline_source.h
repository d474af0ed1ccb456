// Which baseline file a command means, and its contents: from the work tree or from git.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "baseline.h"
#include "cli.h"
#include "house.h"

namespace perfgate {

/// --baseline, else baselines/<gpu>.toml of the house.
std::filesystem::path baseline_path(const Options& options, const House& house,
                                    const std::string& gpu);

/// Throws NoVerdict when the file is not there, UsageError when it is not to be trusted.
Baseline load_baseline(const std::filesystem::path& file, const std::string& gpu);

struct StoredBaseline {
  Baseline baseline;
  std::vector<std::string> notes;  ///< for the report
};

/// What a run of `gpu` is judged against: baselines/<gpu>.toml as it is in the commit that
/// --baseline-ref names, so that a change can't edit its own judge; without it the file of
/// baseline_path(). Throws UsageError for an unknown ref, else as load_baseline().
StoredBaseline stored_baseline(const Options& options, const House& house, const std::string& gpu);

}  // namespace perfgate
