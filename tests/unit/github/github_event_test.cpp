// SPDX-License-Identifier: Apache-2.0
// Payloads from GitHub's webhook documentation, cut down to the fields that are read.
#include "gate/github/github_event.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const std::string merge_sha(40, 'a'), head_sha(40, 'b');

Variables step() {
  return {{"GITHUB_API_URL", "https://api.github.com"},
          {"GITHUB_REPOSITORY", "octo-org/hello.world"},
          {"GITHUB_SHA", merge_sha},
          {"GITHUB_SERVER_URL", "https://github.com"},
          {"GITHUB_RUN_ID", "77"}};
}

Target target(const std::string& event, const Variables& environment = step()) {
  return find_target(environment, event, "event.json");
}

std::string problem(const Variables& environment, const std::string& event = "") {
  return error_of<UsageError>([&] { target(event, environment); });
}

std::string of_run(const std::string& pull_requests) {
  return R"({"workflow_run": {"head_sha": ")" + head_sha +
         R"(", "head_branch": "a b&c", "head_repository": {"owner": {"login": "mona"}},
         "pull_requests": )" +
         pull_requests + R"(}, "repository": {"id": 5}})";
}

}  // namespace

TEST_CASE("a pull request's result belongs to its head, not to the merge commit",
          "[github_event]") {
  const Target found = target(R"({"number": 7, "pull_request": {"number": 7, "head": {"sha": ")" +
                              head_sha + "\"}}}");
  CHECK(found.sha == head_sha);
  CHECK(found.pull_request == 7);
  CHECK_FALSE(found.ask_for_pull_request);
  CHECK(found.repository == "octo-org/hello.world");
  CHECK(found.run_url == "https://github.com/octo-org/hello.world/actions/runs/77");
}

TEST_CASE("a push belongs to GITHUB_SHA and to no pull request", "[github_event]") {
  for (const char* event :
       {"", "{}", R"({"ref": "refs/heads/main"})", R"({"pull_request": null})"}) {
    const Target found = target(event);
    CHECK(found.sha == merge_sha);
    CHECK_FALSE(found.pull_request);
    CHECK_FALSE(found.ask_for_pull_request);
  }
}

TEST_CASE("workflow_run of a branch lists its pull request", "[github_event]") {
  const std::string base = R"("base": {"repo": {"id": 5}}})";
  const std::string old = R"({"number": 3, "head": {"sha": ")" + merge_sha + "\"}, " + base;
  const std::string elsewhere =
      R"({"number": 4, "head": {"sha": ")" + head_sha + R"("}, "base": {"repo": {"id": 6}}})";
  const std::string right = R"({"number": 8, "head": {"sha": ")" + head_sha + "\"}, " + base;
  const Target found = target(of_run("[" + old + ", " + elsewhere + ", " + right + "]"));
  CHECK(found.sha == head_sha);
  CHECK(found.pull_request == 8);
  CHECK_FALSE(found.ask_for_pull_request);
  CHECK_FALSE(target(of_run("[" + old + "]")).pull_request);
}

TEST_CASE("workflow_run of a fork lists none: the API has to be asked", "[github_event]") {
  const Target found = target(of_run("[]"));
  CHECK(found.sha == head_sha);
  CHECK_FALSE(found.pull_request);
  CHECK(found.ask_for_pull_request);
  CHECK(found.head_owner == "mona");
  CHECK(found.head_branch == "a b&c");
}

TEST_CASE("an event whose GITHUB_SHA is the default branch belongs to the pull request's head",
          "[github_event]") {
  // A comment on a pull request, and a workflow that was started by hand for one.
  for (const char* event :
       {R"({"issue": {"number": 7, "pull_request": {"url": "x"}}, "comment": {}})",
        R"({"inputs": {"pull_request": "7"}})", R"({"inputs": {"pr": "7"}})",
        R"({"inputs": {"number": 7, "why": "x"}})"}) {
    INFO(event);
    const Target found = target(event);
    CHECK(found.ask_for_head);
    CHECK(found.pull_request == 7);
    CHECK(found.sha.empty());
    Target answered = found;
    set_head(answered, head_sha);
    CHECK(answered.sha == head_sha);
    CHECK_FALSE(answered.ask_for_head);
    CHECK_THROWS_AS(set_head(answered, "main"), UsageError);
  }
  CHECK_THAT(problem(step(), R"({"issue": {"pull_request": {}}})"),
             ContainsSubstring("has no number"));
  // A comment on an issue, and a dispatch without a pull request, belong to GITHUB_SHA.
  for (const char* event : {R"({"issue": {"number": 7}})", R"({"inputs": {"gpu": "h100"}})",
                            R"({"inputs": {"pr": "0"}})", R"({"inputs": null})"})
    CHECK(target(event).sha == merge_sha);
}

TEST_CASE("a check belongs to the commit that it checked", "[github_event]") {
  for (const std::string kind : {"check_run", "check_suite"}) {
    INFO(kind);
    const auto event = [&](const std::string& pull_requests) {
      return "{\"" + kind + R"(": {"head_sha": ")" + head_sha + R"(", "pull_requests": )" +
             pull_requests + "}}";
    };
    const Target found = target(event(R"([{"number": 7, "head": {"sha": ")" + head_sha + "\"}}]"));
    CHECK(found.sha == head_sha);
    CHECK(found.pull_request == 7);
    const Target of_fork = target(event("[]"));
    CHECK(of_fork.sha == head_sha);
    CHECK(of_fork.ask_for_pull_request);
  }
}

TEST_CASE("an Enterprise Server is reached below its own address", "[github_event]") {
  Variables environment = step();
  environment["GITHUB_API_URL"] = "https://git.example:8443/api/v3/";
  CHECK(target("", environment).api_url == "https://git.example:8443/api/v3");
  environment.erase("GITHUB_API_URL");
  CHECK(target("", environment).api_url == "https://api.github.com");
}

TEST_CASE("the token goes to https, or to this machine", "[github_event]") {
  for (const char* good : {"https://api.github.com", "http://127.0.0.1:8080", "http://localhost",
                           "http://[::1]:1/api/v3"})
    CHECK_NOTHROW(require_safe_url(good, "GITHUB_API_URL"));
  for (const char* bad :
       {"http://api.github.com", "http://127.0.0.1.evil.example", "http://localhost@evil.example",
        "https://user@host", "ftp://host", "api.github.com", "https://host/a?b", "https://host/ a",
        "http://localhost:80evil.example", "https://host\nX: y"}) {
    INFO(bad);
    CHECK_THAT(error_of<UsageError>([&] { require_safe_url(bad, "GITHUB_API_URL"); }),
               StartsWith("GITHUB_API_URL is"));
  }
}

TEST_CASE("what is missing or malformed is named", "[github_event]") {
  const auto with = [](const char* name, const std::string& value) {
    Variables environment = step();
    environment[name] = value;
    return environment;
  };
  Variables nothing = step();
  nothing.erase("GITHUB_REPOSITORY");
  CHECK_THAT(problem(nothing), ContainsSubstring("GITHUB_REPOSITORY is not set"));
  for (const char* bad : {"owner", "owner/", "/name", "a/b/c", "a/..", "a/b?x", "a b/c", "a/b\n"}) {
    INFO(bad);
    CHECK_THAT(problem(with("GITHUB_REPOSITORY", bad)), ContainsSubstring("expected owner/name"));
  }
  for (const char* bad : {"main", "HEAD", "abc123"})
    CHECK_THAT(problem(with("GITHUB_SHA", bad)), ContainsSubstring("GITHUB_SHA is"));
  CHECK_THAT(problem(step(), R"({"pull_request": {"head": {"sha": "../../x"}}})"),
             ContainsSubstring("head commit of event.json"));
  CHECK_THAT(problem(step(), "{"), ContainsSubstring("event.json: not valid JSON"));
  Variables no_commit = step();
  no_commit.erase("GITHUB_SHA");
  CHECK_THAT(problem(no_commit), ContainsSubstring("GITHUB_SHA is not set"));
}

TEST_CASE("scheme and host of the API are in small letters, the path stays", "[github_event]") {
  Variables environment{{"GITHUB_API_URL", "HTTPS://Git.Example:8443/API/v3"},
                        {"GITHUB_REPOSITORY", "octo/hello"},
                        {"GITHUB_SHA", std::string(40, 'a')}};
  CHECK(find_target(environment, "", "").api_url == "https://git.example:8443/API/v3");
  environment["GITHUB_API_URL"] = "HTTP://example.com";
  CHECK_THROWS_AS(find_target(environment, "", ""), UsageError);
}
