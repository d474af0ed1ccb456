// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/project.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "gate/os/files.h"
#include "gate/util/error.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

constexpr const char* policy_name = "perfgate.toml";

/// Whether the policy lies as in this repository and in an installation: in configs/, with the
/// metrics beside it.
bool in_configs(const fs::path& policy) {
  return policy.parent_path().filename() == "configs" &&
         fs::exists(policy.parent_path() / "metrics.toml");
}

/// Returns the folder and those above it, up to the top of its git repository; the folder alone
/// outside of one. A worktree's top has a file .git, not a folder.
std::vector<fs::path> up_to_git_root(const fs::path& folder) {
  std::vector<fs::path> folders;
  for (fs::path up = folder;; up = up.parent_path()) {
    folders.push_back(up);
    if (fs::exists(up / ".git")) return folders;
    if (up == up.parent_path()) return {folder};
  }
}

bool in_repository(const fs::path& folder) {
  return fs::exists(up_to_git_root(folder).back() / ".git");
}

/// Returns the *.toml files of a folder, by name, so that every run reads them in the same order.
std::vector<fs::path> toml_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  if (error) throw UsageError(fmt::format("cannot read {}: {}", folder.string(), error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

std::optional<fs::path> policy_in(const fs::path& folder) {
  for (const fs::path& file : {folder / policy_name, folder / "configs" / policy_name})
    if (fs::exists(file)) return file;
  return std::nullopt;
}

/// Puts `own` over `defaults`: an id that both have is the project's.
std::vector<Metric> over(std::vector<Metric> defaults, std::vector<Metric> own) {
  for (Metric& metric : own) {
    const auto same = std::find_if(defaults.begin(), defaults.end(),
                                   [&](const Metric& other) { return other.id == metric.id; });
    if (same == defaults.end())
      defaults.push_back(std::move(metric));
    else
      *same = std::move(metric);
  }
  return defaults;
}

std::vector<Metric> metrics_in(const fs::path& file) {
  return parse_metrics(read_file(file), file.string());
}

}  // namespace

fs::path Project::root() const {
  const fs::path folder = policy.parent_path();
  return in_configs(policy) ? folder.parent_path() : folder;
}

fs::path Project::data() const {
  return in_configs(policy) ? policy.parent_path() : root() / "perfgate";
}

fs::path Project::baselines() const {
  return (in_configs(policy) ? root() : data()) / "baselines";
}

fs::path Project::baseline(const std::string& gpu_id) const {
  return baselines() / (gpu_id + ".toml");
}

fs::path Project::recordings() const {
  if (!in_configs(policy)) return data() / "recordings";
  const fs::path of_repository = root() / "tests" / "recordings";
  return installed && !fs::exists(of_repository) ? root() / "recordings" : of_repository;
}

std::string Project::name_in_root(const fs::path& file) const {
  return file.lexically_relative(root()).generic_string();
}

fs::path Project::git_folder() const {
  return !installed && in_repository(root()) ? root() : fs::current_path();
}

Project find_project(const std::optional<std::string>& config) {
  if (config) return {fs::absolute(*config)};
  if (const char* named = std::getenv("PERFGATE_CONFIG"); named && *named) {
    if (!fs::exists(named))
      throw UsageError(
          fmt::format("PERFGATE_CONFIG: there is no {}; correct it or unset it", named));
    return {fs::absolute(named)};
  }
  for (const fs::path& folder : up_to_git_root(fs::current_path()))
    if (const auto policy = policy_in(folder)) return {*policy};
  return installation();
}

fs::path top_of_repository() {
  return up_to_git_root(fs::current_path()).back();
}

namespace {

std::optional<Project> find_installation() {
  for (fs::path up = program_directory();; up = up.parent_path()) {
    for (const fs::path& folder : {up, up / "share" / "perfgate"}) {
      fs::path policy = folder / "configs" / policy_name;
      if (fs::exists(policy) && in_configs(policy)) return Project{std::move(policy), true};
    }
    if (up == up.parent_path()) return std::nullopt;
  }
}

}  // namespace

Project installation() {
  if (auto found = find_installation()) return *std::move(found);
  throw UsageError(
      fmt::format("the installation is incomplete: no configs/{0} above {1} nor in share/perfgate "
                  "beside it; install perfgate again, or build it in its source folder",
                  policy_name, program_directory().string()));
}

void require_project(const Project& project, std::string_view what) {
  if (project.installed)
    throw UsageError(
        fmt::format("{} needs a project, and there is no {} from {} up to the top of its git "
                    "repository; `perfgate init` writes one, --config names one elsewhere",
                    what, policy_name, fs::current_path().string()));
}

bool has_defaults(const Project& project) {
  if (project.installed) return false;
  const auto installed = find_installation();
  // A program that was copied away from its files still measures what has all of them beside it.
  return installed ? !same_file(project.policy, installed->policy) : !in_configs(project.policy);
}

Policy policy_over_defaults(const Project& project, const std::string& text,
                            const std::string& source) {
  if (!has_defaults(project)) return parse_policy(text, source);
  const fs::path defaults = installation().policy;
  return parse_policy({text, source}, {read_file(defaults), defaults.string()});
}

std::vector<Metric> metrics_over_defaults(const Project& project, const std::string& text,
                                          const std::string& source) {
  std::vector<Metric> own = parse_metrics(text, source);
  if (!has_defaults(project)) return own;
  return over(metrics_in(installation().data() / "metrics.toml"), std::move(own));
}

std::vector<fs::path> layered_files(const Project& project, std::string_view folder) {
  const fs::path own = project.data() / folder;
  if (!has_defaults(project)) return toml_files(own);
  std::vector<fs::path> files = toml_files(installation().data() / folder);
  if (!fs::exists(own)) return files;
  const std::vector<fs::path> replacing = toml_files(own);
  std::erase_if(files, [&](const fs::path& file) { return fs::exists(own / file.filename()); });
  files.insert(files.end(), replacing.begin(), replacing.end());
  return files;
}

std::vector<fs::path> metrics_files(const Project& project) {
  const fs::path own = project.data() / "metrics.toml";
  if (!has_defaults(project)) return {own};
  std::vector<fs::path> files{installation().data() / "metrics.toml"};
  if (fs::exists(own)) files.push_back(own);
  return files;
}

Config load_config(const Project& project) {
  Policy policy = policy_over_defaults(project, read_file(project.policy), project.policy.string());
  Config config;
  config.suite = std::move(policy.suite);
  config.measure = std::move(policy.measure);
  config.judge = std::move(policy.judge);
  config.replay = std::move(policy.replay);
  config.programs = std::move(policy.programs);
  config.sources = std::move(policy.sources);
  config.measures_suite = policy.measures_suite;
  for (const fs::path& file : layered_files(project, "models")) {
    ModelShape model = parse_model(read_file(file), file.string());
    if (model.name != file.stem().string())
      throw UsageError(
          fmt::format("{}: name: '{}' must be the file's name", file.string(), model.name));
    config.models.emplace(model.name, std::move(model));
  }
  for (const fs::path& file : layered_files(project, "gpus"))
    config.gpus.push_back(parse_gpu(read_file(file), file.string()));
  for (const fs::path& file : metrics_files(project))
    config.metrics = over(std::move(config.metrics), metrics_in(file));
  require_known_metrics(config, project);
  return config;
}

void require_known_metrics(const Config& config, const Project& project) {
  for (const MetricTolerance& entry : config.judge.metric_tolerances)
    if (std::none_of(config.metrics.begin(), config.metrics.end(),
                     [&](const Metric& metric) { return metric.id == entry.metric; }))
      throw UsageError(fmt::format("{}: judge.metric: metrics.toml has no metric '{}'",
                                   project.policy.string(), entry.metric));
}

std::vector<fs::path> baseline_files(const Project& project) {
  return toml_files(project.baselines());
}

fs::path runner_path(const std::optional<std::string>& runner) {
  return runner ? fs::path(*runner) : program_directory() / "perfgate-runner";
}

}  // namespace perfgate
