// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gate/cli/chosen_row.h"
#include "gate/github/comment_text.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/text.h"

namespace perfgate {

void add_project(CommandParser& parser, ProjectOptions& project) {
  parser.option("--config FILE", project.config,
                "the project's file [perfgate.toml, from here up to the git root]");
}

void add_gpu(CommandParser& parser, GpuOptions& gpu) {
  parser.option("--gpu ID", gpu.id, "the GPU that must be there: h100, h200, ... [auto: any]");
}

void add_select(CommandParser& parser, SelectOptions& select) {
  parser.option("--only GLOB", select.only, "cases by id, '*' spans '/'; repeat for more");
}

void add_backend(CommandParser& parser, PolicyOptions& policy) {
  parser.option(
      "--backend ID",
      [&policy](const std::string& id) {
        policy.backend = chosen("--backend", gemm_backends, id).backend;
      },
      fmt::format("who computes the GEMMs: {} [from the config]", join(ids_of(gemm_backends))));
}

void add_thorough(CommandParser& parser, PolicyOptions& policy) {
  parser.flag("--thorough", policy.thorough,
              "flag more for confirmation: sees smaller changes, takes longer");
}

void add_runner(CommandParser& parser, std::optional<std::string>& runner) {
  parser.option("--runner FILE", runner, "the measuring program [perfgate-runner beside perfgate]");
}

void add_lock_clocks(CommandParser& parser, bool& lock_clocks) {
  parser.flag("--lock-clocks", lock_clocks,
              "lock the GPU's clocks meanwhile (root); restored on every exit");
}

void add_quiet(CommandParser& parser, bool& quiet) {
  parser.flag("--quiet", quiet, "no progress, and of the cases only what did not pass");
}

void add_measuring(CommandParser& parser, MeasuringOptions& measuring) {
  measuring.command_line = parser.command_line();
  add_project(parser, measuring.project);
  add_gpu(parser, measuring.gpu);
  add_select(parser, measuring.select);
  add_backend(parser, measuring.policy);
  add_lock_clocks(parser, measuring.lock_clocks);
  parser.output("-o,--output FILE", measuring.record.file, "keep the run record");
  parser.flag("--no-raw", measuring.record.no_raw, "keep it without the single samples");
  add_quiet(parser, measuring.quiet);
}

void refuse_with_replay(bool replayed, bool given, std::string_view option) {
  if (replayed && given)
    throw UsageError(fmt::format(
        "{} is for measuring; what --replay reads was measured as it was recorded", option));
}

void add_run_source(CommandParser& parser, RunSource& source, const MeasuringOptions& measuring) {
  parser.option("--processes N", source.processes, 2, 1000,
                "fresh timing processes [from the config]");
  parser.option("--replay RUN.json", source.replay, "use a recorded run instead of a GPU");
  parser.check([&source, &measuring] {
    refuse_measuring_with_replay(source.replay.has_value(), measuring);
    refuse_with_replay(source.replay.has_value(), source.processes.has_value(), "--processes");
  });
}

void refuse_measuring_with_replay(bool replayed, const MeasuringOptions& measuring) {
  refuse_with_replay(replayed, measuring.policy.backend.has_value(), "--backend");
  refuse_with_replay(replayed, measuring.lock_clocks, "--lock-clocks");
  refuse_with_replay(replayed, measuring.runner.has_value(), "--runner");
}

void add_baseline_file(CommandParser& parser, BaselineOptions& baseline) {
  parser.option("--baseline FILE", baseline.file,
                "the baseline file [<gpu>.toml of the project's baselines]");
}

void add_baseline_ref(CommandParser& parser, BaselineOptions& baseline) {
  parser.option("--baseline-ref REF", baseline.ref,
                "the baseline of this commit, not of the work tree");
  parser.check([&baseline] {
    if (!baseline.ref) return;
    const std::string& ref = *baseline.ref;
    if (baseline.file)
      throw UsageError(
          "--baseline-ref takes the baseline from git, --baseline from a file; give one");
    // git must take it as a commit: not as an option, nor as a file of some other commit.
    if (ref.empty() || ref.starts_with('-') || ref.find(':') != std::string::npos)
      throw UsageError(fmt::format(
          "--baseline-ref '{}': not a branch, tag or commit, such as origin/main", ref));
  });
}

bool ReportOptions::to_stdout() const {
  return std::any_of(files.begin(), files.end(),
                     [](const ReportFile& file) { return file.to == "-"; });
}

bool ReportOptions::asked_for(FormatNeeds needs) const {
  return std::any_of(files.begin(), files.end(), [&](const ReportFile& file) {
    return file.to && file.format->needs == needs;
  });
}

std::vector<std::pair<std::string, std::string>> ReportOptions::written() const {
  std::vector<std::pair<std::string, std::string>> paths;
  for (const ReportFile& file : files)
    if (file.to && file.to != "-") paths.emplace_back(file.format->id, *file.to);
  return paths;
}

namespace {

/// Adds --format, which prints one of the reports instead of the text.
void add_format(CommandParser& parser, ReportOptions& reports) {
  std::vector<std::string> ids{"text"};
  for (const ReportFile& file : reports.files) ids.emplace_back(file.format->id);
  parser.option(
      "--format ID",
      [&reports, ids](const std::string& id) {
        if (std::find(ids.begin(), ids.end(), id) == ids.end())
          throw UsageError(fmt::format("--format: {}", unknown_id(id, ids)));
        reports.on_stdout = id;
      },
      fmt::format("what is printed: {} [text]", join(ids)));
  parser.check([&reports] {
    for (ReportFile& file : reports.files) {
      if (file.format->id != reports.on_stdout) continue;
      if (file.to && *file.to != "-")
        throw UsageError(
            fmt::format("--format {0} prints what --{0} {1} writes; give one of the two",
                        file.format->id, *file.to));
      file.to = "-";
    }
  });
}

}  // namespace

void add_reports(CommandParser& parser, ReportOptions& reports, FormatNeeds has,
                 std::span<const Format> table) {
  for (const Format& format : table)
    if (format.needs <= has) reports.files.push_back({&format, {}});
  // This comes last, because the parser keeps references to the rows.
  for (ReportFile& file : reports.files)
    parser.output(fmt::format("--{} FILE", file.format->id), file.to, file.format->meaning);
  add_format(parser, reports);
  if (has != FormatNeeds::result) return;
  for (const Format& format : table)
    if (format.needs > has)
      parser.refuse(fmt::format("--{}", format.id),
                    fmt::format("--{0} needs the run: `perfgate compare RUN.json --{0} FILE`; a "
                                "result has only what --json wrote",
                                format.id));
}

void add_text(CommandParser& parser, TextOptions& text) {
  parser.flag("--all", text.all, "print every case with its counters, not a line a group");
  parser.option(
      "--color WHEN",
      [&text](const std::string& id) { text.color = chosen("--color", color_whens, id).when; },
      fmt::format("{}; NO_COLOR is honoured [auto]", join(ids_of(color_whens))));
}

void add_explain(CommandParser& parser, std::vector<std::string>& explain) {
  parser.option("--explain GLOB", explain,
                "print every number that the verdict on these cases rests on");
}

void add_post(CommandParser& parser, PostOptions& post) {
  parser.option(
      "--post LIST", [&post](const std::string& list) { post.places = parse_places(list); },
      fmt::format("post the verdict: {}", join(ids_of(places))));
  parser.flag("--require-post", post.require, "what could not be posted makes exit code 3");
  parser.option(
      "--name NAME",
      [&post](const std::string& name) {
        require_post_name(name);
        post.name = name;
      },
      fmt::format("the posts' name [{}]", default_post_name));
  parser.option(
      "--artifact-url URL",
      [&post](const std::string& url) {
        if (!is_linkable(url))
          throw UsageError(fmt::format("--artifact-url '{}': not a plain http or https URL", url));
        post.artifact_url = url;
      },
      "what the posts link to");
  parser.check([&post] {
    if (post.require && post.places.empty())
      throw UsageError("--require-post needs --post: what is to be posted?");
  });
}

}  // namespace perfgate
