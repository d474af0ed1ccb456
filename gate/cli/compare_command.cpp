// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/compare_command.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gate/cli/history_notes.h"
#include "gate/cli/options.h"
#include "gate/cli/outputs.h"
#include "gate/cli/policy_source.h"
#include "gate/cli/session.h"
#include "gate/cli/source_places.h"
#include "gate/run/run_view.h"
#include "gate/util/error.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

struct CompareOptions {
  std::string run;
  ProjectOptions project;
  GpuOptions gpu;
  SelectOptions select;
  PolicyOptions policy;
  BaselineOptions baseline;
  std::optional<std::string> against;
  ReportOptions reports;
  std::vector<std::string> explain;
  std::optional<std::string> history;
  bool quiet = false;
  TextOptions text;
};

/// Returns a run as what others are judged by; throws NoVerdict when it is not fit for that.
Baseline as_base(const RunRecord& run, const fs::path& file) {
  if (const auto why = unfit_as_base(run))
    throw NoVerdict(
        fmt::format("--against {}: {}; nothing can be judged by it", file.string(), *why));
  return make_baseline(run);
}

/// Returns what a saved run is compared with: a baseline, or another run if the file ends in .json.
StoredBaseline against(const CompareOptions& options, const Project& project, const Board& board) {
  if (options.baseline.ref) return stored_baseline(options.baseline, project, board);
  const fs::path file = options.against ? fs::path(*options.against)
                                        : baseline_path(options.baseline, project, board);
  if (file.extension() == ".json")
    return {as_base(load_run(file, options.gpu, options.select), file), {}};
  return {load_baseline(file, board.gpu_id), {}};
}

ExitCode compare(const CompareOptions& options) {
  const Project project = find_project(options.project.config);
  const JudgingConfig judging = judging_config(project, options.policy, options.baseline);
  const RunRecord run = load_run(options.run, options.gpu, options.select);
  const std::optional<History> history = load_history(options.history);
  require_timelines(run, options.run, options.reports);
  require_explained(case_ids(run.plan), options.explain);
  StoredBaseline stored = against(options, project, board_of(run));
  keep_cases(stored.baseline, options.select.only);
  Report report = judge_against(run, stored, judging.config, judging.notes);
  add_source_places(report, project, judging.config);
  note_history(history, run, report);
  report.origin = Origin::saved;
  report.head = head_of_event(report.commit);
  return deliver(report, options.reports,
                 {.quiet = options.quiet, .text = options.text, .explain = options.explain});
}

}  // namespace

Action prepare_compare(CommandParser& parser) {
  auto options = std::make_shared<CompareOptions>();
  parser.argument(options->run);
  parser.check([&run = options->run] {
    if (run.empty()) throw UsageError("compare needs a run record: `perfgate compare RUN.json`");
  });
  add_project(parser, options->project);
  add_gpu(parser, options->gpu);
  add_select(parser, options->select);
  add_thorough(parser, options->policy);
  add_baseline_file(parser, options->baseline);
  add_baseline_ref(parser, options->baseline);
  parser.option("--against FILE", options->against, "a baseline.toml or a run.json instead");
  parser.check([&compare = *options] {
    if (compare.baseline.ref && compare.against)
      throw UsageError(
          "--baseline-ref takes the baseline from git, --against from a file; give one");
  });
  add_reports(parser, options->reports, FormatNeeds::timeline);
  add_history(parser, options->history);
  add_explain(parser, options->explain);
  add_quiet(parser, options->quiet);
  add_text(parser, options->text);
  return [options] { return compare(*options); };
}

}  // namespace perfgate
