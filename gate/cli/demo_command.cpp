// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/demo_command.h"

#include <memory>

#include "gate/cli/options.h"
#include "gate/cli/outputs.h"
#include "gate/cli/session.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

struct DemoOptions {
  ProjectOptions project;
  SelectOptions select;
  ReportOptions reports;
  std::vector<std::string> explain;
  bool quiet = false;
  TextOptions text;
};

/// Returns where the recording and its baseline are: with a project that records runs of its own,
/// else with the installation.
Project recorded_project(const Project& project) {
  return fs::exists(project.recordings()) ? project : installation();
}

ExitCode demo(const DemoOptions& options) {
  const Project asked = find_project(options.project.config), project = recorded_project(asked);
  // A policy that was named judges; one that only happens to lie here has nothing to do with it.
  const Config config = configured(options.project.config ? asked : project, {});
  const fs::path file = project.recordings() / config.replay;
  const RunRecord run = load_run(file, {}, options.select);
  require_timelines(run, file, options.reports);
  require_explained(case_ids(run.plan), options.explain);
  StoredBaseline stored = stored_baseline({}, project, board_of(run));
  keep_cases(stored.baseline, options.select.only);
  Report report = judge_against(run, stored, config);
  report.origin = Origin::replay;
  return deliver(report, options.reports,
                 {.quiet = options.quiet, .text = options.text, .explain = options.explain});
}

}  // namespace

Action prepare_demo(CommandParser& parser) {
  auto options = std::make_shared<DemoOptions>();
  add_project(parser, options->project);
  add_select(parser, options->select);
  add_reports(parser, options->reports, FormatNeeds::timeline);
  add_explain(parser, options->explain);
  add_quiet(parser, options->quiet);
  add_text(parser, options->text);
  return [options] { return demo(*options); };
}

}  // namespace perfgate
