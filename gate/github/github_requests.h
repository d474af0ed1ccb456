// SPDX-License-Identifier: Apache-2.0
// Makes what is posted to GitHub, as values: it turns a report into requests to the REST API, and
// reads the answers. Nothing here sends anything (gate/post/github_api does), and no request holds
// the token.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/github/comment_text.h"
#include "gate/github/github_event.h"
#include "gate/github/retry_policy.h"
#include "gate/report/report.h"
#include "gate/util/json_object.h"

namespace perfgate {

struct Request {
  std::string method, url;
  std::optional<Json> body{};
  Repeat repeat = Repeat::harmless;

  bool writes() const { return method != "GET"; }
};

/// The name under which a result is posted: of the check run, of the status, and in the comment's
/// hidden mark. Two gates on one pull request need two names.
inline constexpr std::string_view default_post_name = "perfgate";
/// Throws UsageError for a name that can't be all three.
void require_post_name(std::string_view name);

/// GitHub's words for a verdict. A check run without a verdict is neutral, which does not block; a
/// commit status has no such word.
struct GithubWords {
  ExitCode code;
  std::string_view conclusion;  ///< of a check run
  std::string_view state;       ///< of a commit status
};
inline constexpr std::array<GithubWords, exit_codes.size()> all_github_words{{
    {ExitCode::pass, "success", "success"},
    {ExitCode::regressed, "failure", "failure"},
    {ExitCode::usage, "neutral", "error"},
    {ExitCode::no_verdict, "neutral", "error"},
    {ExitCode::interrupted, "neutral", "error"},
}};
const GithubWords& github_words(ExitCode code);
/// The words for a report. A replay measured nothing here, so it is never a success.
const GithubWords& github_words(const Report& report);

// The comment: one for each pull request and name, written by the account of the token.

/// The first line of our comments, invisible on the page.
std::string comment_mark(std::string_view name);
std::string comment_text(const Report& report, std::string_view name, const Links& links);
Request list_comments(const Target& target);
/// Returns the request for the page after this answer to list_comments(); empty when it was the
/// last page. Throws UsageError for a page that is not the API's.
std::optional<Request> next_page(const Target& target, std::string_view link_header);
/// Returns the id of our comment on this page. A comment with the mark by another author is not
/// ours.
std::optional<std::int64_t> own_comment(const Json& page, std::string_view name,
                                        std::string_view author);
Request create_comment(const Target& target, const std::string& text);
Request update_comment(const Target& target, std::int64_t id, const std::string& text);
Request delete_comment(const Target& target, std::int64_t id);

/// Asks for the account of the token. REST has no such question for a workflow's token.
Request ask_viewer(const Target& target);
std::optional<std::string> viewer_of(const Json& answer);
/// The account that writes with a workflow's own GITHUB_TOKEN.
inline constexpr std::string_view workflow_author = "github-actions[bot]";

// The check run.

Request open_check(const Target& target, std::string_view name);
/// Asks for the check runs of this name at the target's commit.
Request list_checks(const Target& target, std::string_view name);
struct OwnCheck {
  std::int64_t id = 0;
  bool annotated = false;  ///< annotations can be added to a check run, and never taken away
  bool in_progress = false;
};
/// Returns the check run that an earlier perfgate made; empty when there is none.
std::optional<OwnCheck> own_check(const Json& answer, std::string_view name);
/// Returns one request for each fifty annotations, at least one; the first completes the check.
/// Without an id it is one request that makes a complete check, with the first fifty. Of many cases
/// the first 500 have an annotation, and the text says how many have none.
std::vector<Request> complete_check(const Target& target, std::optional<std::int64_t> id,
                                    std::string_view name, const Report& report,
                                    const Links& links);
/// Completes the check of a run that ended in an error.
Request abandon_check(const Target& target, std::int64_t id, std::string_view name,
                      std::string_view why);
std::optional<std::int64_t> id_of(const Json& answer);

// The commit status.

Request commit_status(const Target& target, std::string_view name, const Report& report,
                      const Links& links);

// The head of a pull request that an event names by its number only.

Request ask_head(const Target& target);
/// Returns the answer's commit; "" when it has none.
std::string head_in(const Json& answer);

// The pull request of a fork's run.

/// Returns the requests that may find the pull request, in the order in which to send them until
/// one does.
std::vector<Request> ask_pull_request(const Target& target);
/// Returns the open pull request into this repository whose head is the target's commit.
std::optional<std::int64_t> pull_request_in(const Json& answer, const Target& target);

}  // namespace perfgate
