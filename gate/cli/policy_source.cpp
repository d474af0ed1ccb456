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
  const std::string commit = commit_of_ref(project.root(), ref);
  const fs::path folder = project.policy.parent_path();
  // Returns the file as the commit has it where it is another than the change's, with a note.
  const auto other = [&](const std::string& name) -> std::optional<std::string> {
    const std::string path = (folder.filename() / name).string();
    auto text = file_at(project.root(), commit, path);
    if (!text)
      found.notes.push_back(fmt::format("{} has no {}: judged by this change's own", ref, path));
    if (!text || *text == read_file(folder / name)) return std::nullopt;
    found.notes.push_back(fmt::format(
        "this change edits the policy ({}), or is behind {}: judged by {}'s", path, ref, ref));
    return text;
  };
  const std::string name = project.policy.filename().string();
  // What a change accepts is its own to say; an entry that the commit has was an earlier change's.
  std::vector<MeantSlowdown> accepts = std::move(found.config.judge.accepts);
  if (const auto text = other(name)) {
    Policy policy = parse_policy(*text, fmt::format("{}:{}", ref, name));
    std::erase_if(accepts, [&](const MeantSlowdown& entry) {
      return std::find(policy.judge.accepts.begin(), policy.judge.accepts.end(), entry) !=
             policy.judge.accepts.end();
    });
    found.config.measure = std::move(policy.measure);
    found.config.judge = std::move(policy.judge);
  } else if (fs::exists(folder / name)) {
    accepts.clear();
  }
  found.config.judge.accepts = std::move(accepts);
  if (const auto text = other("metrics.toml"))
    found.config.metrics = parse_metrics(*text, fmt::format("{}:metrics.toml", ref));
  require_known_metrics(found.config, project);
}

}  // namespace

JudgingConfig judging_config(const Project& project, const PolicyOptions& policy,
                             const BaselineOptions& baseline) {
  JudgingConfig found{load_config(project), {}};
  if (baseline.ref) judge_as_in(*baseline.ref, project, found);
  apply_options(found.config, policy);
  return found;
}

}  // namespace perfgate
