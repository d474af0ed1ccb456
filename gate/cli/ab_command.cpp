// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/ab_command.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <utility>

#include "gate/cli/builds.h"
#include "gate/cli/code_comparison.h"
#include "gate/cli/outputs.h"
#include "gate/cli/program_options.h"
#include "gate/cli/source_places.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

struct AbOptions {
  std::optional<std::string> base;
  ProgramChoice program;       ///< instead of two runners
  MeasuringOptions measuring;  ///< its runner is the head build
  std::optional<int> rounds;
  ReportOptions reports;
  std::optional<std::string> code_diff;
  std::vector<std::string> explain;
  TextOptions text;
};

ExitCode compare_builds(const AbOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const MeasuringOptions& measuring = options.measuring;
  const Project project = find_project(measuring.project.config);
  const Config config = configured(project, measuring.policy);
  std::vector<std::string> notes;
  RunRecord run;
  std::string base;
  if (options.program.has_base()) {
    const auto task = chosen_program(project, config, options.program);
    base = options.program.base_command.value_or(join(task->base->command, " "));
    if (!task->base->folder.empty()) base += " in " + task->base->folder.string();
    run = measure_program_builds(measuring, project, config, *task, options.rounds, notes);
    require_explained(case_ids(run.plan), options.explain);
  } else {
    base = *options.base;
    run = measure_builds(measuring, project, config, {}, Build{base, {}}, WithCounters::yes,
                         options.rounds, options.explain);
  }
  Unwritten unwritten;
  unwritten.attempt([&] { keep_record(run, measuring.record); });
  Report report = judge_builds(run, config);
  report.notes.insert(report.notes.end(), notes.begin(), notes.end());
  add_source_places(report, project, config);
  if (!options.program.has_base()) {
    std::string difference = compare_code(report, *options.base, *measuring.runner);
    unwritten.attempt([&] { put(options.code_diff, [&] { return difference; }); });
  }
  report.against = fmt::format("the base build {}, in the same rounds", printable(base));
  report.wall_s = seconds_since(begin);
  return deliver(report, options.reports,
                 {.quiet = measuring.quiet,
                  .text = options.text,
                  .explain = options.explain,
                  .stdout_taken = measuring.record.file == "-"},
                 std::move(unwritten));
}

}  // namespace

Action prepare_ab(CommandParser& parser) {
  auto options = std::make_shared<AbOptions>();
  parser.option("--base RUNNER", options->base, "the perfgate-runner of the base build");
  parser.option("--head RUNNER", options->measuring.runner,
                "the perfgate-runner of the build that is judged");
  add_program_choice(parser, options->program);
  add_program_base(parser, options->program);
  parser.check([&ab = *options] {
    if (ab.program.has_base() && ab.code_diff)
      throw UsageError("--code-diff compares two builds of the built-in layer, not of a program");
    if (ab.program.has_base() && (ab.base || !ab.measuring.select.only.empty()))
      throw UsageError(
          "ab of a program has no --base and no --only: its builds are two folders or commands");
    if (!ab.program.has_base() && (!ab.base || !ab.measuring.runner))
      throw UsageError(
          "ab needs two builds: `perfgate ab --base RUNNER --head RUNNER`, or of a program "
          "`perfgate ab --program NAME --base-folder DIR`");
    if (!ab.program.has_base() && ab.program.given())
      throw UsageError("ab of a program needs its base build: --base-folder or --base-command");
  });
  add_rounds(parser, options->rounds);
  add_measuring(parser, options->measuring);
  add_thorough(parser, options->measuring.policy);
  add_reports(parser, options->reports, FormatNeeds::run);
  add_code_diff(parser, options->code_diff);
  add_explain(parser, options->explain);
  add_text(parser, options->text);
  return [options] { return compare_builds(*options); };
}

}  // namespace perfgate
