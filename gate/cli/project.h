// Where the project's files are: the folder with configs/, baselines/ and recordings, and the
// runner.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gate/config/config.h"

namespace perfgate {

struct Project {
  std::filesystem::path policy;  ///< configs/perfgate.toml
  std::filesystem::path root() const { return policy.parent_path().parent_path(); }
  std::filesystem::path baseline(const std::string& gpu_id) const {
    return root() / "baselines" / (gpu_id + ".toml");
  }
  std::filesystem::path recordings() const { return root() / "tests" / "recordings"; }
};

/// Returns the project of `config` if it is given; else of configs/perfgate.toml in the current
/// folder; else in the nearest folder above the program (a build tree), or in its share/perfgate
/// (an installation). Throws UsageError naming the folders that were searched.
Project find_project(const std::optional<std::string>& config);

/// Reads the policy and everything beside it: models/, gpus/, metrics.toml. Throws UsageError.
Config load_config(const Project& project);

/// Throws UsageError when the policy has a tolerance for a metric that does not exist.
void require_known_metrics(const Config& config, const Project& project);

/// Returns the project's baselines, by name. Throws UsageError when there is no such folder.
std::vector<std::filesystem::path> baseline_files(const Project& project);

/// Returns `runner`, else perfgate-runner beside the program. Its start checks that it exists.
std::filesystem::path runner_path(const std::optional<std::string>& runner);

}  // namespace perfgate
