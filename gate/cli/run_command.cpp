// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/run_command.h"

#include <memory>

#include "gate/cli/options.h"
#include "gate/cli/outputs.h"
#include "gate/cli/session.h"
#include "gate/run/run_view.h"
#include "gate/run/validity.h"
#include "gate/util/error.h"

namespace perfgate {

namespace {

struct RunOptions {
  MeasuringOptions measuring;
  RunSource source;
  ProgramChoice program;
};

ExitCode run(const RunOptions& options) {
  const Project project = find_project(options.measuring.project.config);
  const Config config = configured(project, options.measuring.policy);
  const int processes = config.measure.processes;
  std::optional<ProgramTask> program;
  if (!options.source.replay) program = chosen_program(project, config, options.program);
  if (program && !options.measuring.select.only.empty())
    throw UsageError("a program is measured with all its ranges: leave --only out");
  const RunRecord record =
      program
          ? obtain_program(options.measuring, options.source, project, config, *program, processes)
          : obtain_run(options.measuring, options.source, project, config, processes);
  keep_record(record, options.measuring.record);
  if (const auto invalid = invalid_run(record)) throw NoVerdict(invalid->why);
  // A process that died and was repeated with success is in the record, and is no failure.
  const int wanted = options.source.processes.value_or(config.measure.processes);
  if (const auto dead = first_process_error(record);
      dead && !options.source.replay &&
      (timing_processes(record) < wanted || !has_counters(record)))
    throw NoVerdict(*dead);
  return ExitCode::pass;
}

}  // namespace

Action prepare_run(CommandParser& parser) {
  auto options = std::make_shared<RunOptions>();
  add_measuring(parser, options->measuring);
  add_runner(parser, options->measuring.runner);
  add_run_source(parser, options->source, options->measuring);
  add_program_choice(parser, options->program);
  parser.check([&run = *options] {
    refuse_with_replay(run.source.replay.has_value(), run.program.given(), "a program");
  });
  parser.check([&record = options->measuring.record] {
    if (!record.file)
      throw UsageError("run needs a file for its record: `perfgate run -o RUN.json`");
  });
  return [options] { return run(*options); };
}

}  // namespace perfgate
