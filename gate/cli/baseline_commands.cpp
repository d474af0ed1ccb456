// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/baseline_commands.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "gate/baseline/baseline.h"
#include "gate/baseline/baseline_lint.h"
#include "gate/baseline/baseline_text.h"
#include "gate/cli/baseline_source.h"
#include "gate/cli/options.h"
#include "gate/cli/project.h"
#include "gate/gpu/gpu_choice.h"
#include "gate/os/files.h"
#include "gate/os/terminal.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

struct ShowOptions {
  std::vector<std::string> files;
  ProjectOptions project;
  GpuOptions gpu;
  BaselineOptions baseline;
};

struct DiffOptions {
  std::vector<std::string> files;
};

struct LintOptions {
  std::vector<std::string> files;  ///< empty: all files of the project
  ProjectOptions project;
};

/// Returns the id of this machine's GPU; without a GPU, of the only baseline.
std::string shown_gpu(const ShowOptions& options, const Project& project) {
  if (options.gpu.id != "auto") return options.gpu.id;
  if (const GpuList list = usable_gpus(); !list.gpus.empty())
    return gpu_id(load_config(project).gpus, list.gpus.front().name);
  std::vector<std::string> ids;
  for (const fs::path& file : baseline_files(project)) ids.push_back(file.stem().string());
  if (ids.size() == 1) return ids.front();
  throw UsageError(fmt::format("which baseline? give --gpu ID or a file; there is: {}",
                               ids.empty() ? "none" : join(ids)));
}

/// Prints one baseline as a table.
ExitCode show(const ShowOptions& options) {
  fs::path file;
  if (!options.files.empty()) file = options.files.front();
  if (options.baseline.file) file = *options.baseline.file;
  Baseline baseline;
  if (file.empty()) {
    const Project project = find_project(options.project.config);
    const std::string gpu = shown_gpu(options, project);
    file = project.baseline(gpu);
    baseline = load_baseline(file, gpu);
  } else {
    baseline = read_baseline(read_file(file), file.string());
  }
  print_text(render_baseline(baseline, file.string(), stdout_columns()));
  return ExitCode::pass;
}

/// Prints what differs between two files. A difference is never a failure: this command does not
/// judge.
ExitCode diff(const DiffOptions& options) {
  const auto load = [](const std::string& file) { return read_baseline(read_file(file), file); };
  const Baseline before = load(options.files.at(0)), after = load(options.files.at(1));
  print_lines(diff_conditions(before, after));
  print_lines(diff_baselines(before, after));
  return ExitCode::pass;
}

/// Prints what is wrong with the files; a finding is exit code 2.
ExitCode lint(const LintOptions& options) {
  const Project project = find_project(options.project.config);
  const Config config = load_config(project);
  std::vector<std::string> files = options.files;
  if (files.empty())
    for (const fs::path& file : baseline_files(project)) files.push_back(file.string());
  // A check that passes because it looked at nothing is worse than none.
  if (files.empty())
    throw UsageError(fmt::format("no baseline in {}; measure one with `perfgate baseline refresh`",
                                 project.baselines().string()));
  std::size_t findings = 0;
  for (const std::string& file : files) {
    const std::vector<std::string> lines = lint_baseline(read_file(file), file, config);
    print_lines(lines);
    findings += lines.size();
  }
  print_text(fmt::format("perfgate: {} in {}\n", count_of(findings, "finding"),
                         count_of(files.size(), "baseline")));
  return findings == 0 ? ExitCode::pass : ExitCode::usage;
}

}  // namespace

Action prepare_baseline_show(CommandParser& parser) {
  auto options = std::make_shared<ShowOptions>();
  parser.arguments(options->files);
  add_project(parser, options->project);
  add_gpu(parser, options->gpu);
  add_baseline_file(parser, options->baseline);
  parser.check([&show = *options] {
    if (show.files.size() + (show.gpu.id != "auto") + show.baseline.file.has_value() > 1)
      throw UsageError("baseline show prints one: a file, or --gpu ID");
  });
  return [options] { return show(*options); };
}

Action prepare_baseline_diff(CommandParser& parser) {
  auto options = std::make_shared<DiffOptions>();
  parser.arguments(options->files);
  parser.check([&files = options->files] {
    if (files.size() != 2)
      throw UsageError("baseline diff needs two files: `perfgate baseline diff A.toml B.toml`");
  });
  return [options] { return diff(*options); };
}

Action prepare_baseline_lint(CommandParser& parser) {
  auto options = std::make_shared<LintOptions>();
  parser.arguments(options->files);
  add_project(parser, options->project);
  return [options] { return lint(*options); };
}

}  // namespace perfgate
