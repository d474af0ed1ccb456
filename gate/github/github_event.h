// SPDX-License-Identifier: Apache-2.0
// Finds where a result belongs on GitHub: repository, commit and pull request, from the environment
// of a workflow step and the payload of its event. Both come in as values. Nothing here looks at a
// result file: in a `workflow_run` job that file comes from a fork, and must not decide where it is
// posted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

/// Environment variables that are set, by name.
using Variables = std::map<std::string, std::string>;

/// The names of the variables that find_target() looks at.
std::vector<std::string> target_variables();

/// Where a result is posted. Every part has been checked and may stand in a URL as it is.
struct Target {
  std::string api_url;      ///< without a slash at the end
  std::string repository;   ///< owner/name
  std::string sha;          ///< of the head, never of the merge commit that the event tests
  std::string merge_sha{};  ///< that merge commit; "": the event tests none
  /// True for an event about a pull request that names no commit of it, and whose GITHUB_SHA is the
  /// default branch: `sha` is empty, and the API has to be asked for the pull request's head.
  bool ask_for_head = false;
  std::optional<std::int64_t> pull_request;  ///< its number
  /// True for a run of a fork: its event names no pull request, so the API has to be asked for the
  /// open one with this head.
  bool ask_for_pull_request = false;
  std::string head_owner, head_branch;  ///< of that run; foreign text, may be empty
  std::string run_url;                  ///< of the workflow run; may be empty
};

/// `event` is the payload (GITHUB_EVENT_PATH), "" where there is none; `source` names it in errors.
/// Throws UsageError naming the variable or the key.
Target find_target(const Variables& environment, std::string_view event, const std::string& source);

/// Puts the answer to ask_for_head into the target. Throws UsageError when `sha` is no commit.
void set_head(Target& target, std::string_view sha);

/// Returns why a result may not be posted to the target's commit, or empty: it is a result of that
/// commit, or of its merge into the base. `commit` is what was measured ("-dirty" may follow),
/// `head` the pull request's head that it was measured for, "" where there was none.
std::optional<std::string> other_commit(const Target& target, std::string_view commit,
                                        std::string_view head);

/// Throws UsageError unless the token may be sent to `url`: https, or http to this very machine.
/// `name` is the variable that it comes from.
void require_safe_url(std::string_view url, std::string_view name);

/// scheme://host[:port] of a URL, lower case.
std::string origin_of(std::string_view url);

}  // namespace perfgate
