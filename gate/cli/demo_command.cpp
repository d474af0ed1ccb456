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

ExitCode demo(const DemoOptions& options) {
  const Project project = find_project(options.project.config);
  const Config config = configured(project, {});
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
