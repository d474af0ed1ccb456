// Where things lie: the folder with configs/, baselines/ and recordings, and the runner.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gate/config/config.h"

namespace perfgate {

struct House {
  std::filesystem::path policy;  ///< configs/perfgate.toml
  std::filesystem::path root() const { return policy.parent_path().parent_path(); }
  std::filesystem::path baseline(const std::string& gpu_id) const {
    return root() / "baselines" / (gpu_id + ".toml");
  }
  std::filesystem::path recordings() const { return root() / "tests" / "recordings"; }
};

/// `config` when it is given; else configs/perfgate.toml of the current folder; else of the nearest
/// folder above the program (a build tree), or of its share/perfgate (an installation). Throws
/// UsageError naming the places that were looked at.
House find_house(const std::optional<std::string>& config);

/// Reads the policy and everything beside it: models/, gpus/, metrics.toml. Throws UsageError.
Config load_config(const House& house);

/// The house's baselines, by name. Throws UsageError when there is no such folder.
std::vector<std::filesystem::path> baseline_files(const House& house);

/// perfgate-runner beside the program, or `runner`. Existence is checked when it is started.
std::filesystem::path runner_path(const std::optional<std::string>& runner);

}  // namespace perfgate
