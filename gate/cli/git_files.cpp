// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/git_files.h"

#include <fmt/format.h>

#include <string_view>

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

std::string git_error(const std::string& log) {
  constexpr std::string_view mark = "fatal: ";
  const std::size_t begin = log.find(mark);
  if (begin == std::string::npos) return "";
  std::string text;
  for (const char c : log.substr(begin + mark.size())) {
    const bool space = c == ' ' || c == '\n' || c == '\t';
    if (!space)
      text += c;
    else if (!text.empty() && text.back() != ' ')
      text += ' ';
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string commit_of_ref(const fs::path& root, const std::string& ref) {
  for (const char* space : {"refs/remotes/", "refs/heads/", ""}) {
    const ChildResult git = run_child({"git", "-C", root.string(), "rev-parse", "--verify",
                                       "--quiet", fmt::format("{}{}^{{commit}}", space, ref)},
                                      {}, git_timeout_s);
    std::string answer = last_line(git.log);
    // "^main" is something that git knows, too, but it is no commit.
    if (succeeded(git) && answer.find_first_not_of("0123456789abcdef") == std::string::npos)
      return answer;
    // Of a ref that is not there git says nothing, because it was asked to be quiet.
    if (const std::string said = git_error(git.log); !said.empty())
      throw UsageError(fmt::format("--baseline-ref {}: git: {}", ref, said));
  }
  const std::string branch = ref.starts_with("origin/") ? ref.substr(7) : ref;
  throw UsageError(
      fmt::format("--baseline-ref {}: git knows no such commit in {}; fetch it with `git fetch "
                  "origin {}`, in a workflow with `fetch-depth: 0` of actions/checkout",
                  ref, root.string(), branch));
}

std::optional<int> commits_behind(const fs::path& root, const std::string& commit) {
  const ChildResult git = run_child(
      {"git", "-C", root.string(), "rev-list", "--count", fmt::format("HEAD..{}", commit)}, {},
      git_timeout_s);
  const std::string answer = last_line(git.log);
  constexpr std::size_t most_digits = 9;
  if (!succeeded(git) || answer.empty() || answer.size() > most_digits ||
      answer.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::stoi(answer);
}

std::string parent_of_commit(const fs::path& folder, const std::string& commit) {
  if (commit.empty() || commit.find_first_not_of("0123456789abcdef") != std::string::npos)
    return "";
  const ChildResult git =
      run_child({"git", "-C", folder.string(), "rev-parse", "--verify", "--quiet", commit + "^"},
                {}, git_timeout_s);
  const std::string answer = last_line(git.log);
  return succeeded(git) && answer.size() == commit.size() &&
                 answer.find_first_not_of("0123456789abcdef") == std::string::npos
             ? answer
             : "";
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
