// SPDX-License-Identifier: Apache-2.0
// Posts a report to GitHub: it decides which requests are sent in which order, and what becomes of
// a failure. A failed post is a line on stderr; it never hides the verdict.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/github/github_event.h"
#include "gate/github/github_requests.h"
#include "gate/post/post_options.h"
#include "gate/report/report.h"
#include "gate/util/exit_code.h"

namespace perfgate {

/// Returns the target that environment and event name. Throws UsageError.
Target target_here();

/// Returns what a first run would post, as a JSON array with the token's place marked. Opens no
/// socket. Throws UsageError.
std::string dry_run(const PostOptions& options, const Report& report);

/// Posts to the places of `options`; a failure is printed to stderr and remembered. Annotations are
/// lines of the log: the caller prints them with it.
class Posting {
 public:
  /// Reads the environment where a place needs the API.
  explicit Posting(PostOptions options);
  ~Posting();
  Posting(const Posting&) = delete;
  Posting& operator=(const Posting&) = delete;

  /// Returns why a result of `commit`, measured for the pull request's head `head`, is not one of
  /// the commit that it would be posted to; empty: it is, or no place has a commit. Throws as the
  /// API.
  std::optional<std::string> other_commit(std::string_view commit, std::string_view head);

  /// Called before measuring: makes a check run that is in progress.
  void open();
  void post(const Report& report);
  /// Called instead of post() when there is no report: completes the check run.
  void abandon(std::string_view why);
  /// Returns the verdict's exit code; 3 for a pass that was not posted, with --require-post.
  ExitCode exit_code(ExitCode verdict) const;

 private:
  struct Session;
  void attempt(Place place, const auto& action);
  void post_comment(const Report& report);
  void merge_comments(std::int64_t made, const std::string& text, const std::string& author);
  void post_check(const Report& report);
  std::optional<std::int64_t> check_in_progress();
  std::vector<Request> check_requests(const Report& report, std::optional<std::int64_t> id);
  std::int64_t find_pull_request();
  std::optional<std::int64_t> find_comment(const std::string& author);
  std::string author();
  Session& session();

  PostOptions m_options;
  std::unique_ptr<Session> m_session;
  std::optional<std::string> m_no_session;  ///< why there can be none
  std::optional<std::int64_t> m_check;      ///< the check run that is in progress
  bool m_perhaps_open = false;              ///< it was asked for, whether an answer came or not
  bool m_failed = false;
};

}  // namespace perfgate
