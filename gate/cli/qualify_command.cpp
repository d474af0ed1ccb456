// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/qualify_command.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "gate/cli/builds.h"
#include "gate/cli/outputs.h"
#include "gate/os/terminal.h"
#include "gate/report/qualify.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/text.h"
#include "gate/util/text_wrap.h"

namespace perfgate {

namespace {

struct QualifyOptions {
  std::optional<double> slow_percent;  ///< the size of the planted slowdown
  std::vector<std::string> stages;     ///< the stages that get it
  std::optional<int> rounds;
  MeasuringOptions measuring;
  ReportOptions reports;
};

Planted planted_by(const QualifyOptions& options) {
  Planted planted;
  if (!options.slow_percent) return planted;
  planted.ratio = *options.slow_percent / 100;
  for (const std::string& id : options.stages) {
    if (!find_by_id(stages, id)) throw UsageError("--stage: " + unknown_id(id, ids_of(stages)));
    planted.parts.push_back(id);
  }
  return planted;
}

/// Returns the runner's arguments that put marker kernels around the stages and stretch them by
/// `ratio`.
std::vector<std::string> stretch_arguments(const Planted& planted, double ratio) {
  if (planted.parts.empty()) return {};
  return {"--stretch", fmt::format("{}={}", join(planted.parts, ","), ratio)};
}

ExitCode qualify(const QualifyOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const MeasuringOptions& measuring = options.measuring;
  const Project project = find_project(measuring.project.config);
  const Config config = configured(project, measuring.policy);
  const Planted planted = planted_by(options);
  // The base has the markers too: they cost a few microseconds, which are not part of the planted
  // slowdown.
  const Build base{runner_path(measuring.runner), stretch_arguments(planted, 0)};
  const RunRecord run =
      measure_builds(measuring, project, config, stretch_arguments(planted, planted.ratio), base,
                     WithCounters::no, options.rounds, {});
  Unwritten unwritten;
  unwritten.attempt([&] { keep_record(run, measuring.record); });
  Report report = judge_builds(run, config);
  report.against =
      planted.parts.empty()
          ? "the same build, in the same rounds (A/A)"
          : fmt::format("the same build without the planted {:.1f} %, in the same rounds",
                        100 * planted.ratio);
  report.wall_s = seconds_since(begin);
  write_reports(report, options.reports, unwritten);
  if (options.reports.to_stdout())  // stdout has the report
    print_stderr(render_qualification(report, planted, default_columns));
  else
    print_stdout(render_qualification(report, planted, stdout_columns()));
  return unwritten.exit_code(qualified(report, planted) ? ExitCode::pass : ExitCode::no_verdict);
}

}  // namespace

Action prepare_qualify(CommandParser& parser) {
  auto options = std::make_shared<QualifyOptions>();
  parser.option("--slow PERCENT", options->slow_percent, 0.1, 100.0,
                "plant a slowdown of so much, which must be found");
  parser.option("--stage STAGE", options->stages, "in this stage; repeat for more");
  parser.check([&qualify = *options] {
    if (qualify.slow_percent.has_value() == qualify.stages.empty())
      throw UsageError(
          "qualify plants with both: `perfgate qualify --slow 2 --stage o_proj --stage attention`");
  });
  add_rounds(parser, options->rounds);
  add_measuring(parser, options->measuring);
  add_thorough(parser, options->measuring.policy);
  add_runner(parser, options->measuring.runner);
  add_reports(parser, options->reports, FormatNeeds::run);
  return [options] { return qualify(*options); };
}

}  // namespace perfgate
