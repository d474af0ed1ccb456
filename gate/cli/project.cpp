#include "gate/cli/project.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "gate/os/files.h"
#include "gate/util/error.h"

namespace fs = std::filesystem;

namespace perfgate {

Project find_project(const std::optional<std::string>& config) {
  if (config) return {fs::absolute(*config)};
  const fs::path name = fs::path("configs") / "perfgate.toml";
  std::vector<fs::path> folders{fs::current_path()};
  for (fs::path up = program_directory();; up = up.parent_path()) {
    folders.push_back(up);
    folders.push_back(up / "share" / "perfgate");
    if (up == up.parent_path()) break;
  }
  for (const fs::path& folder : folders)
    if (fs::exists(folder / name)) return {folder / name};
  throw UsageError(fmt::format("no {} in {} nor above {}; name one with --config", name.string(),
                               folders.front().string(), program_directory().string()));
}

namespace {

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

}  // namespace

Config load_config(const Project& project) {
  const fs::path folder = project.policy.parent_path();
  Policy policy = parse_policy(read_file(project.policy), project.policy.string());
  Config config;
  config.suite = std::move(policy.suite);
  config.measure = std::move(policy.measure);
  config.judge = std::move(policy.judge);
  config.replay = std::move(policy.replay);
  config.programs = std::move(policy.programs);
  for (const fs::path& file : toml_files(folder / "models")) {
    ModelShape model = parse_model(read_file(file), file.string());
    if (model.name != file.stem().string())
      throw UsageError(
          fmt::format("{}: name: '{}' must be the file's name", file.string(), model.name));
    config.models.emplace(model.name, std::move(model));
  }
  for (const fs::path& file : toml_files(folder / "gpus"))
    config.gpus.push_back(parse_gpu(read_file(file), file.string()));
  const fs::path metrics = folder / "metrics.toml";
  config.metrics = parse_metrics(read_file(metrics), metrics.string());
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
  return toml_files(project.root() / "baselines");
}

fs::path runner_path(const std::optional<std::string>& runner) {
  return runner ? fs::path(*runner) : program_directory() / "perfgate-runner";
}

}  // namespace perfgate
