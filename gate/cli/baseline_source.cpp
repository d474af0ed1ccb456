// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/baseline_source.h"

#include <fmt/format.h>

#include <set>

#include "gate/baseline/tuning.h"
#include "gate/cli/git_files.h"
#include "gate/os/files.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

/// Returns the ids of the cases that files of the work tree have and `stored` lacks: the change
/// adds them itself. A file that cannot be read adds none.
std::set<std::string> added_by_change(const Baseline& stored, const std::vector<fs::path>& files) {
  std::set<std::string> ids;
  for (const fs::path& file : files) {
    if (!fs::exists(file)) continue;
    try {
      for (const BaselineCase& entry : read_baseline(read_file(file), file.string()).cases)
        if (!stored.find(entry.id)) ids.insert(entry.id);
    } catch (const UsageError&) {
      // `perfgate baseline lint` says what is wrong; it judges nothing here.
    }
  }
  return ids;
}

StoredBaseline baseline_of_ref(const std::string& ref, const Project& project, const Board& board) {
  require_project(project, "--baseline-ref");
  const fs::path board_s = project.baselines() / board_file(board);
  const std::string common = project.name_in_root(project.baseline(board.gpu_id));
  const std::string commit = commit_of_ref(project.root(), ref);
  std::string path = project.name_in_root(board_s);
  auto text = file_at(project.root(), commit, path);
  if (!text) text = file_at(project.root(), commit, path = common);
  if (!text)
    throw NoVerdict(
        fmt::format("--baseline-ref {}: no {} in commit {}; merge one there that `perfgate "
                    "baseline refresh --gpu {}` measured, or leave --baseline-ref out",
                    ref, common, commit.substr(0, 12), board.gpu_id));
  StoredBaseline stored{read_baseline(*text, ref + ":" + path), {}};
  const fs::path own = project.root() / path;
  stored.baseline.added = added_by_change(stored.baseline, {board_s, project.root() / common});
  if (!fs::exists(own) || read_file(own) != *text)
    stored.notes.push_back(
        fmt::format("this change edits its own baseline ({}), or is behind {}: judged against {}'s",
                    path, ref, ref));
  if (const int behind = commits_behind(project.root(), commit).value_or(0); behind > 0)
    stored.notes.push_back(fmt::format(
        "this change is {} behind {}: the baseline may be newer than what it was made from, and "
        "what {} gained since counts against it; merge {}, or give a base build",
        count_of(static_cast<std::size_t>(behind), "commit"), ref, ref, ref));
  return stored;
}

}  // namespace

fs::path baseline_path(const BaselineOptions& options, const Project& project, const Board& board) {
  if (options.file) return *options.file;
  const fs::path own = project.baselines() / board_file(board);
  return fs::exists(own) ? own : project.baseline(board.gpu_id);
}

Baseline load_baseline(const fs::path& file, const std::string& gpu) {
  if (!fs::exists(file))
    throw NoVerdict(
        fmt::format("no baseline for {}: {} is not there; measure one with `perfgate baseline "
                    "refresh --gpu {}`",
                    gpu, file.string(), gpu));
  return read_baseline(read_file(file), file.string());
}

StoredBaseline stored_baseline(const BaselineOptions& options, const Project& project,
                               const Board& board) {
  if (options.ref) return baseline_of_ref(*options.ref, project, board);
  return {load_baseline(baseline_path(options, project, board), board.gpu_id), {}};
}

std::vector<GemmChoice> stored_tuning(const Project& project, const Board& board) {
  const fs::path file = baseline_path({}, project, board);
  if (!fs::exists(file)) return {};
  return choices_of(read_baseline(read_file(file), file.string()));
}

}  // namespace perfgate
