// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/import_command.h"

#include <fmt/format.h>

#include <memory>

#include "gate/cli/chosen_row.h"
#include "gate/cli/foreign_files.h"
#include "gate/cli/options.h"
#include "gate/cli/outputs.h"
#include "gate/cli/session.h"
#include "gate/measure/foreign_file.h"
#include "gate/os/terminal.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

struct ImportOptions {
  std::vector<std::string> files;
  std::string from;
  RecordOptions record;
  ProjectOptions project;
  GpuOptions gpu;
  std::optional<std::string> commit;
  std::string command_line;
};

ExitCode import_results(const ImportOptions& options) {
  const Importer& importer = chosen("--from", importers, options.from);
  const Project project = find_project(options.project.config);
  const Config config = load_config(project);
  RunRecord run = empty_record(options.command_line, {});
  run.commit = options.commit ? *options.commit : commit_of(project.git_folder());
  std::vector<ForeignFile> files;
  for (const std::string& file : options.files) files.push_back(foreign_file(file));
  for (const std::string& note : import_files(run, importer, files, config, options.gpu.id))
    print_stderr(fmt::format("perfgate: note: {}\n", printable(note)));
  if (files.size() < 2)
    print_stderr(
        fmt::format("perfgate: note: one file is one process, and a verdict needs two or more: run "
                    "{} {} times into files of their own\n",
                    importer.id, config.measure.processes));
  keep_record(run, options.record);
  if (*options.record.file != "-")
    print_stdout(fmt::format(
        "perfgate: {} in {} of {} ({}) written to {}\n", count_of(run.plan.cases.size(), "case"),
        count_of(files.size(), "process"), importer.id, run.gpu_id, *options.record.file));
  return ExitCode::pass;
}

}  // namespace

Action prepare_import(CommandParser& parser) {
  auto options = std::make_shared<ImportOptions>();
  options->command_line = parser.command_line();
  parser.arguments(options->files);
  parser.option("--from TOOL", options->from,
                fmt::format("whose files these are: {}", join(ids_of(importers))));
  parser.output("-o,--output FILE", options->record.file, "the run record");
  parser.flag("--no-raw", options->record.no_raw, "leave the single samples out of the record");
  parser.option("--gpu ID", options->gpu.id,
                "the GPU that was measured, or its name, where the files do not tell [auto]");
  parser.option("--commit SHA", options->commit, "the measured commit [the work tree's]");
  add_project(parser, options->project);
  parser.check([&import = *options] {
    if (import.files.empty() || import.from.empty() || !import.record.file)
      throw UsageError(
          "import needs files, their tool and a file for the record: `perfgate import a.json "
          "b.json --from nvbench -o run.json`");
    chosen("--from", importers, import.from);
  });
  return [options] { return import_results(*options); };
}

}  // namespace perfgate
