// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/policy_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/cli/git_files.h"
#include "gate/cli/session.h"
#include "gate/os/files.h"
#include "gate/record/metric.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

void judge_as_in(const std::string& ref, const Project& project, JudgingConfig& found) {
  require_project(project, "--baseline-ref");
  const std::string commit = commit_of_ref(project.root(), ref);
  // Returns the file as the commit has it where it is another than the change's, with a note.
  const auto other = [&](const fs::path& file) -> std::optional<std::string> {
    const std::string path = project.name_in_root(file);
    const bool here = fs::exists(file);
    auto text = file_at(project.root(), commit, path);
    if (!text && here)
      found.notes.push_back(fmt::format("{} has no {}: judged by this change's own", ref, path));
    if (!text || (here && *text == read_file(file))) return std::nullopt;
    found.notes.push_back(fmt::format(
        "this change edits the policy ({}), or is behind {}: judged by {}'s", path, ref, ref));
    return text;
  };
  // What a change accepts is its own to say; an entry that the commit has was an earlier change's.
  std::vector<MeantSlowdown> accepts = std::move(found.config.judge.accepts);
  if (const auto text = other(project.policy)) {
    Policy policy = policy_over_defaults(
        project, *text, fmt::format("{}:{}", ref, project.policy.filename().string()));
    std::erase_if(accepts, [&](const MeantSlowdown& entry) {
      return std::find(policy.judge.accepts.begin(), policy.judge.accepts.end(), entry) !=
             policy.judge.accepts.end();
    });
    found.default_source = default_source(policy.programs, policy.measures_suite);
    found.config.measure = std::move(policy.measure);
    found.config.judge = std::move(policy.judge);
  } else {
    accepts.clear();  // the commit has all of them, or no policy that could let it
  }
  found.config.judge.accepts = std::move(accepts);
  if (const auto text = other(project.data() / "metrics.toml"))
    found.config.metrics =
        metrics_over_defaults(project, *text, fmt::format("{}:metrics.toml", ref));
  require_known_metrics(found.config, project);
}

}  // namespace

JudgingConfig judging_config(const Project& project, const PolicyOptions& policy,
                             const BaselineOptions& baseline) {
  JudgingConfig found{load_config(project), {}, {}};
  if (baseline.ref) judge_as_in(*baseline.ref, project, found);
  apply_options(found.config, policy);
  return found;
}

}  // namespace perfgate
