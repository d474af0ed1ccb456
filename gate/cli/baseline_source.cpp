#include "gate/cli/baseline_source.h"

#include <fmt/format.h>

#include "gate/os/files.h"
#include "gate/os/process.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

constexpr double git_timeout_s = 60;

bool succeeded(const ChildResult& child) {
  return !child.signal && child.exit_status == 0;
}

/// Returns the commit that `ref` names in the repository around `root`.
std::string resolve(const fs::path& root, const std::string& ref) {
  const ChildResult git = run_child(
      {"git", "-C", root.string(), "rev-parse", "--verify", ref + "^{commit}"}, {}, git_timeout_s);
  std::string answer = last_line(git.log);
  // "^main" is something that git knows, too, but it is no commit.
  if (succeeded(git) && answer.find_first_not_of("0123456789abcdef") == std::string::npos)
    return answer;
  const std::string branch = ref.starts_with("origin/") ? ref.substr(7) : ref;
  throw UsageError(
      fmt::format("--baseline-ref {}: git knows no such commit in {} ({}); fetch it with `git "
                  "fetch origin {}`, in a workflow with `fetch-depth: 0` of actions/checkout",
                  ref, root.string(), answer, branch));
}

/// Returns the bytes of `path` (below `root`) in a commit; empty when the commit has no such file.
std::optional<std::string> file_at(const fs::path& root, const std::string& commit,
                                   const std::string& path) {
  const TemporaryDirectory folder;
  const std::string out = (folder.path() / "blob").string();
  // The output goes through a file, because a long log of a child is cut in the middle. cat-file
  // instead of show takes one object and runs no text conversion. "./" is the folder of -C, which
  // need not be the top of the repository.
  const ChildResult git =
      run_child({"sh", "-c", "exec git -C \"$1\" cat-file blob \"$2\" >\"$3\"", "sh", root.string(),
                 fmt::format("{}:./{}", commit, path), out},
                {}, git_timeout_s);
  return succeeded(git) ? std::optional(read_file(out)) : std::nullopt;
}

StoredBaseline baseline_of_ref(const std::string& ref, const Project& project, const Board& board) {
  const std::string common = "baselines/" + board.gpu_id + ".toml";
  const std::string commit = resolve(project.root(), ref);
  std::string path = "baselines/" + board_file(board);
  auto text = file_at(project.root(), commit, path);
  if (!text) text = file_at(project.root(), commit, path = common);
  if (!text)
    throw NoVerdict(
        fmt::format("--baseline-ref {}: no {} in commit {}; merge one there that `perfgate "
                    "baseline refresh --gpu {}` measured, or leave --baseline-ref out",
                    ref, common, commit.substr(0, 12), board.gpu_id));
  StoredBaseline stored{read_baseline(*text, ref + ":" + path), {}};
  const fs::path own = project.root() / path;
  if (!fs::exists(own) || read_file(own) != *text)
    stored.notes.push_back(
        fmt::format("this change edits its own baseline ({}), or is behind {}: judged against {}'s",
                    path, ref, ref));
  return stored;
}

}  // namespace

fs::path baseline_path(const BaselineOptions& options, const Project& project, const Board& board) {
  if (options.file) return *options.file;
  const fs::path own = project.root() / "baselines" / board_file(board);
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

}  // namespace perfgate
