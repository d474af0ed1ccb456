// SPDX-License-Identifier: Apache-2.0
// The event of a workflow holds names and commits of a fork: it names a target whose requests go to
// the API and nowhere else, or is refused.
#include "gate/github/github_event.h"

#include "gate/github/github_requests.h"
#include "tests/fuzz/engine/target.h"

using namespace perfgate;

const InputForm input_form = InputForm::json;
const std::size_t longest_input = 4000;

std::vector<std::string> seeds() {
  const std::string sha = "\"" + std::string(40, 'b') + "\"";
  return {R"({"number": 7, "pull_request": {"number": 7, "head": {"sha": )" + sha + "}}}",
          R"({"workflow_run": {"head_sha": )" + sha +
              R"(, "head_branch": "a b&c", "head_repository": {"owner": {"login": "mona"}},
          "pull_requests": [{"number": 3, "head": {"sha": )" +
              sha + R"(}, "base": {"repo": {"id": 5}}}]}, "repository": {"id": 5}})",
          R"({"issue": {"number": 3, "pull_request": {"url": "https://x"}}, "comment": {"id": 1}})",
          R"({"ref": "refs/heads/main", "merge_group": {"head_sha": )" + sha + "}}"};
}

void try_input(std::string_view input) {
  const Variables step{{"GITHUB_API_URL", "https://api.github.com"},
                       {"GITHUB_REPOSITORY", "octo-org/hello.world"},
                       {"GITHUB_SHA", std::string(40, 'a')},
                       {"GITHUB_SERVER_URL", "https://github.com"},
                       {"GITHUB_RUN_ID", "77"}};
  Target target;
  if (!accepted([&] { target = find_target(step, input, "event.json"); })) return;
  const auto require_api = [](const Request& request) {
    require(request.url.starts_with("https://api.github.com/"));
    for (const char c : request.url) require(c > ' ' && c < '\x7f');
  };
  if (target.ask_for_head) require_api(ask_head(target));
  if (target.ask_for_pull_request)
    for (const Request& request : ask_pull_request(target)) require_api(request);
  if (target.pull_request) require_api(list_comments(target));
  if (!target.sha.empty()) {
    require(target.sha.size() == 40);
    require_api(open_check(target, default_post_name));
    require_api(list_checks(target, default_post_name));
  }
}
