#include "gate/cli/project.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "gate/os/files.h"
#include "gate/util/error.h"

namespace fs = std::filesystem;

namespace perfgate {

House find_house(const std::optional<std::string>& config) {
  if (config) return {fs::absolute(*config)};
  const fs::path name = fs::path("configs") / "perfgate.toml";
  std::vector<fs::path> places{fs::current_path()};
  for (fs::path up = program_directory();; up = up.parent_path()) {
    places.push_back(up);
    places.push_back(up / "share" / "perfgate");
    if (up == up.parent_path()) break;
  }
  for (const fs::path& place : places)
    if (fs::exists(place / name)) return {place / name};
  throw UsageError(fmt::format("no {} in {} nor above {}; name one with --config", name.string(),
                               places.front().string(), program_directory().string()));
}

namespace {

/// The *.toml files of a folder, by name, so that every run reads them in the same order.
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

Config load_config(const House& house) {
  const fs::path folder = house.policy.parent_path();
  Policy policy = parse_policy(read_file(house.policy), house.policy.string());
  Config config;
  config.suite = std::move(policy.suite);
  config.measure = std::move(policy.measure);
  config.judge = std::move(policy.judge);
  config.replay = std::move(policy.replay);
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
  for (const MetricTolerance& entry : config.judge.metric_tolerances)
    if (std::none_of(config.metrics.begin(), config.metrics.end(),
                     [&](const Metric& metric) { return metric.id == entry.metric; }))
      throw UsageError(fmt::format("{}: judge.metric: metrics.toml has no metric '{}'",
                                   house.policy.string(), entry.metric));
  return config;
}

std::vector<fs::path> baseline_files(const House& house) {
  return toml_files(house.root() / "baselines");
}

fs::path runner_path(const std::optional<std::string>& runner) {
  return runner ? fs::path(*runner) : program_directory() / "perfgate-runner";
}

}  // namespace perfgate
