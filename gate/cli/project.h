// SPDX-License-Identifier: Apache-2.0
// Where the project's files are, and the installation's, whose defaults lie under them.
//
// A project is a repository of the user's: perfgate.toml, and perfgate/ beside it with baselines/
// and, if wanted, models/, gpus/ and metrics.toml. This repository has another layout, which is
// also that of an installation: configs/ with all of these, and baselines/ beside that folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/config/config.h"

namespace perfgate {

struct Project {
  std::filesystem::path policy;  ///< perfgate.toml, or what --config names
  /// There is no project here, only the installation's own files, which are never written to.
  bool installed = false;

  /// The folder that the project's paths and its git history belong to.
  std::filesystem::path root() const;
  /// The folder of models/, gpus/ and metrics.toml.
  std::filesystem::path data() const;
  std::filesystem::path baselines() const;
  std::filesystem::path baseline(const std::string& gpu_id) const;
  std::filesystem::path recordings() const;
  /// Returns the name of one of these files below root(), as git knows it.
  std::string name_in_root(const std::filesystem::path& file) const;
  /// The folder whose commit a record names: root(), or the current folder where root() is in no
  /// repository of the user's.
  std::filesystem::path git_folder() const;
};

/// Returns the project of `config` if it is given; else of the environment's PERFGATE_CONFIG; else
/// of the nearest perfgate.toml or configs/perfgate.toml from the current folder up to the top of
/// its git repository, outside of one in the current folder alone; else the installation.
Project find_project(const std::optional<std::string>& config);

/// Returns the top of the git repository around the current folder; outside of one that folder.
std::filesystem::path top_of_repository();

/// Returns what perfgate brings along: above the program (a build tree), or in share/perfgate
/// beside it. Throws UsageError naming where it was looked for.
Project installation();

/// Throws UsageError when there is no project, for what would need one ("--baseline-ref").
void require_project(const Project& project, std::string_view what);

/// Whether the project has defaults of the installation under its own file.
bool has_defaults(const Project& project);

/// Reads the project's policy, given as `text`, with the installation's defaults under it. Throws
/// UsageError.
Policy policy_over_defaults(const Project& project, const std::string& text,
                            const std::string& source);

/// Reads the metrics of the project's metrics.toml, given as `text`, over the installation's.
std::vector<Metric> metrics_over_defaults(const Project& project, const std::string& text,
                                          const std::string& source);

/// Reads the policy and everything beside it: models/, gpus/, metrics.toml. Throws UsageError.
Config load_config(const Project& project);

/// Throws UsageError when the policy has a tolerance for a metric that does not exist.
void require_known_metrics(const Config& config, const Project& project);

/// Returns the *.toml files of a folder below data(), "models" or "gpus", the installation's first
/// without those that the project replaces by one of the same name.
std::vector<std::filesystem::path> layered_files(const Project& project, std::string_view folder);

/// Returns the files of metrics, the installation's first.
std::vector<std::filesystem::path> metrics_files(const Project& project);

/// Returns the project's baselines, by name. Throws UsageError when there is no such folder.
std::vector<std::filesystem::path> baseline_files(const Project& project);

/// Returns `runner`, else perfgate-runner beside the program. Its start checks that it exists.
std::filesystem::path runner_path(const std::optional<std::string>& runner);

}  // namespace perfgate
