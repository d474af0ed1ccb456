// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/config_command.h"

#include <fmt/format.h>

#include <memory>

#include "gate/cli/options.h"
#include "gate/cli/project.h"
#include "gate/os/files.h"
#include "gate/os/terminal.h"
#include "gate/util/toml_table.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

TomlText text_of(const fs::path& file) {
  return {read_file(file), file.string()};
}

TomlTable layers_of(const Project& project) {
  const TomlText own = text_of(project.policy);
  return has_defaults(project) ? TomlTable::parse_layers(own, text_of(installation().policy))
                               : TomlTable::parse(own.text, own.source);
}

/// Prints lines that are TOML, with the place as a comment behind each value.
ExitCode show(const ProjectOptions& options) {
  const Project project = find_project(options.config);
  const Config config = load_config(project);  // a config that cannot be used is not shown
  std::string text = fmt::format(
      "# project: {}\n", project.installed ? "none here; these are the installation's own values"
                                           : project.policy.string());
  if (has_defaults(project))
    text += fmt::format("# defaults: {}\n", installation().policy.string());
  text += fmt::format("# baselines: {}\n# commits of: {}\n", project.baselines().string(),
                      project.git_folder().string());
  for (const TomlValue& value : layers_of(project).values())
    text += fmt::format("{} = {}  # {}:{}\n", value.key, value.value, value.source, value.line);
  for (const char* folder : {"models", "gpus"})
    for (const fs::path& file : layered_files(project, folder))
      text += fmt::format("# {}: {}  {}\n", folder, file.stem().string(), file.string());
  for (const fs::path& file : metrics_files(project))
    text += fmt::format("# metrics: {}\n", file.string());
  print_stdout(
      text + fmt::format("# measured: {}\n", config.measures_suite ? "the suite" : "the programs"));
  return ExitCode::pass;
}

}  // namespace

Action prepare_config_show(CommandParser& parser) {
  auto options = std::make_shared<ProjectOptions>();
  add_project(parser, *options);
  return [options] { return show(*options); };
}

}  // namespace perfgate
