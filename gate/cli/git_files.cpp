#include "gate/cli/git_files.h"

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

}  // namespace

std::string commit_of_ref(const fs::path& root, const std::string& ref) {
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

}  // namespace perfgate
