// SPDX-License-Identifier: Apache-2.0
#include "gate/github/github_requests.h"

#include <fmt/format.h>

#include "gate/util/text.h"
#include "tests/support/catch.h"
#include "tests/support/sample_reports.h"
#include "tests/support/sample_target.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

Json comment(std::int64_t id, const std::string& login, const std::string& body) {
  return {{"id", id}, {"user", {{"login", login}}}, {"body", body}};
}

}  // namespace

TEST_CASE("our comment has our mark and our author", "[github_requests]") {
  const std::string mark = comment_mark("perfgate");
  const auto own = [&](const Json& page) { return own_comment(page, "perfgate", "bot"); };
  CHECK(own(Json::array({comment(1, "bot", "hello"), comment(2, "bot", mark + "x")})) == 2);
  // Any author can write the mark.
  CHECK_FALSE(own(Json::array({comment(1, "mallory", mark + "x")})));
  // A quotation of the mark does not make it our comment either.
  CHECK_FALSE(own(Json::array({comment(1, "bot", "> " + mark + "x")})));
  CHECK_FALSE(own(Json::array({comment(1, "bot", comment_mark("perfgate (a100)") + "x")})));
  // GitHub returns lines with CR LF.
  CHECK(own(Json::array({comment(3, "bot", mark.substr(0, mark.size() - 1) + "\r\nx")})) == 3);
  for (const Json& odd : {Json::object(), Json::array({1, nullptr, Json::object()}),
                          Json::array({{{"user", nullptr}, {"body", mark}}})})
    CHECK_FALSE(own(odd));
  CHECK(comment_text(many_cases(10000, 1), "perfgate", {}).size() <= comment_bytes);
  CHECK_THAT(comment_text(many_cases(1, 0), "perfgate", {}), StartsWith(mark + "### "));
}

TEST_CASE("the next page is where Link says, if that is the API", "[github_requests]") {
  const auto next = [](const std::string& link) {
    const auto request = next_page(pull_request_target(), link);
    return request ? request->url : "";
  };
  CHECK(next("<https://api.github.com/repositories/1/issues/7/comments?page=2>; rel=\"next\", "
             "<https://api.github.com/x?page=9>; rel=\"last\"") ==
        "https://api.github.com/repositories/1/issues/7/comments?page=2");
  CHECK(next("<https://api.github.com/x?page=1>; rel=\"prev\", <https://api.github.com/x?page=3>; "
             "rel=\"next\"") == "https://api.github.com/x?page=3");
  CHECK(next("<https://api.github.com/x?page=1>; rel=\"last\"") == "");
  for (const char* nothing : {"", "x", "<", "><", "<https://api.github.com/x"})
    CHECK(next(nothing) == "");
  for (const char* elsewhere : {"https://evil.example/x", "https://api.github.com.evil.example/x"})
    CHECK_THAT(
        error_of<UsageError>([&] { next(std::string("<") + elsewhere + ">; rel=\"next\""); }),
        ContainsSubstring("not below https://api.github.com"));
}

TEST_CASE("a check run is opened, then completed by the verdict", "[github_requests]") {
  const Request open = open_check(pull_request_target(), "perfgate");
  CHECK(open.method == "POST");
  CHECK(open.url == "https://api.github.com/repos/octo/hello/check-runs");
  CHECK(open.body->at("status") == "in_progress");
  CHECK(open.body->at("head_sha") == pull_request_target().sha);
  const auto requests = complete_check(pull_request_target(), 42, "perfgate", every_reason(),
                                       {"", "https://x.example/r"});
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "PATCH");
  CHECK(requests[0].url == "https://api.github.com/repos/octo/hello/check-runs/42");
  const Json& body = *requests[0].body;
  CHECK(body["status"] == "completed");
  CHECK(body["conclusion"] == "failure");
  CHECK(body["details_url"] == "https://x.example/r");
  CHECK(body["output"]["title"] == short_sentence(every_reason()));
  const Json& annotations = body["output"]["annotations"];
  CHECK(annotations.size() == 2 + 4 + 10 + 5 + 1);
  std::vector<std::string> wanted;
  for (const Verdict verdict : verdicts_by_order())
    if (verdict_info(verdict).annotation != Annotation::none) {
      const std::size_t count = every_reason().count(verdict);
      wanted.insert(wanted.end(), count, std::string(verdict_info(verdict).id));
    }
  REQUIRE(annotations.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    CHECK_THAT(annotations[i]["title"].get<std::string>(), StartsWith(wanted[i] + ": "));
    CHECK(annotations[i]["annotation_level"] == (wanted[i] == "regressed" ? "failure" : "warning"));
  }
}

TEST_CASE("our own check run is found by name and mark", "[github_requests]") {
  CHECK(list_checks(pull_request_target(), "perfgate (h100)").url ==
        fmt::format("https://api.github.com/repos/octo/hello/commits/{}/check-runs?check_name="
                    "perfgate%20%28h100%29&filter=latest&per_page=100",
                    pull_request_target().sha));
  const auto found = [](const char* text) {
    return own_check(parse_json(text, "answer"), "perfgate");
  };
  for (const char* none : {"[]", "{}", R"({"check_runs": [{"id": 7, "name": "perfgate"}]})",
                           R"({"check_runs": [{"id": 7, "name": "x", "external_id": "perfgate"}]})",
                           R"({"check_runs": [{"name": "perfgate", "external_id": "perfgate"}]})"})
    CHECK_FALSE(found(none));
  const auto check = found(
      R"({"check_runs": [{"id": 7, "name": "perfgate", "external_id": "perfgate",
          "output": {"annotations_count": 3}}]})");
  REQUIRE(check);
  CHECK(check->id == 7);
  CHECK(check->annotated);
}

TEST_CASE("conclusion and state follow the exit code", "[github_requests]") {
  for (const ExitCodeInfo& info : exit_codes) {
    const GithubWords& words = github_words(info.code);
    const bool pass = info.code == ExitCode::pass, fail = info.code == ExitCode::regressed;
    CHECK(words.conclusion == (pass ? "success" : fail ? "failure" : "neutral"));
    CHECK(words.state == (pass ? "success" : fail ? "failure" : "error"));
  }
  const Request request = abandon_check(pull_request_target(), 42, "perfgate", "no GPU: @team <b>");
  CHECK(request.body->at("conclusion") == "neutral");
  CHECK(request.body->at("status") == "completed");
  CHECK_THAT(
      request.body->at("output")["summary"].get<std::string>(),
      ContainsSubstring("no GPU") && !ContainsSubstring("@team") && !ContainsSubstring("<b>"));
}

TEST_CASE("at most fifty annotations a request", "[github_requests]") {
  const auto requests =
      complete_check(pull_request_target(), 42, "perfgate", many_cases(120, 120), {});
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].body->at("output")["annotations"].size() == 50);
  CHECK(requests[2].body->at("output")["annotations"].size() == 20);
  CHECK(complete_check(pull_request_target(), 42, "perfgate", many_cases(9999, 9999), {}).size() ==
        10);
  CHECK_THAT(complete_check(pull_request_target(), 42, "perfgate", many_cases(9999, 9999), {})[0]
                 .body->at("output")["summary"]
                 .get<std::string>(),
             StartsWith("9499 cases more have no annotation; the table has every case.\n"));
  const auto at_once =
      complete_check(pull_request_target(), std::nullopt, "perfgate", many_cases(120, 120), {});
  REQUIRE(at_once.size() == 1);
  CHECK(at_once[0].method == "POST");
  CHECK(at_once[0].body->at("head_sha") == pull_request_target().sha);
  CHECK(at_once[0].body->at("output")["annotations"].size() == 50);
  for (const Request& request : requests)
    for (const char* part : {"summary", "text"})
      CHECK(request.body->at("output")[part].get<std::string>().size() <= check_text_bytes);
}

TEST_CASE("a commit status has 140 characters", "[github_requests]") {
  Report report = many_cases(3, 1);
  const Request request =
      commit_status(pull_request_target(), "perfgate", report, {"https://x.example", ""});
  CHECK(request.url ==
        "https://api.github.com/repos/octo/hello/statuses/" + pull_request_target().sha);
  CHECK(*request.body == Json{{"state", "failure"},
                              {"context", "perfgate"},
                              {"description", "FAIL: 1 regressed, 2 passed (h200, 0.0 s)"},
                              {"target_url", "https://x.example"}});
  for (int i = 0; i < 100; ++i) report.gpu_id += "\xF0\x9F\x94\xA5";
  const auto text = commit_status(pull_request_target(), "perfgate", report, {})
                        .body->at("description")
                        .get<std::string>();
  CHECK(valid_utf8(text) == text);
  CHECK(std::count_if(text.begin(), text.end(), [](char c) {
          return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        }) == 140);
  report.exit_code = ExitCode::no_verdict;
  CHECK(commit_status(pull_request_target(), "x", report, {}).body->at("state") == "error");
  report.exit_code = ExitCode::pass;
  CHECK(commit_status(pull_request_target(), "x", report, {}).body->at("state") == "success");
}

TEST_CASE("the pull request of a fork's run: open, into here, with this very head",
          "[github_requests]") {
  const auto pull = [](int number, const std::string& state, const std::string& sha,
                       const std::string& into) {
    return Json{{"number", number},
                {"state", state},
                {"head", {{"sha", sha}}},
                {"base", {{"repo", {{"full_name", into}}}}}};
  };
  const std::string sha = pull_request_target().sha;
  const auto found = [](const Json& answer) {
    return pull_request_in(answer, pull_request_target());
  };
  CHECK(found(Json::array({pull(1, "closed", sha, "octo/hello"),
                           pull(2, "open", std::string(40, 'c'), "octo/hello"),
                           pull(3, "open", sha, "mona/hello"),
                           pull(4, "open", sha, "octo/hello")})) == 4);
  CHECK_FALSE(found(Json::array({pull(1, "closed", sha, "octo/hello")})));
  for (const Json& odd : {Json(), Json::object(), Json::array({1, nullptr, Json::object()})})
    CHECK_FALSE(found(odd));
}

TEST_CASE("a fork's branch is data in the question for its pull request", "[github_requests]") {
  Target target = pull_request_target();
  CHECK(ask_pull_request(target).size() == 1);
  target.head_owner = "mona";
  target.head_branch = "a b&state=closed#?/\xC3\xA4";
  const auto requests = ask_pull_request(target);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].url ==
        "https://api.github.com/repos/octo/hello/commits/" + target.sha + "/pulls?per_page=100");
  CHECK_THAT(requests[1].url, EndsWith("&head=mona:a%20b%26state%3Dclosed%23%3F%2F%C3%A4"));
}

TEST_CASE("our own name is asked beside the API, on Enterprise Server too", "[github_requests]") {
  Target target = pull_request_target();
  CHECK(ask_viewer(target).url == "https://api.github.com/graphql");
  target.api_url = "https://git.example/api/v3";
  CHECK(ask_viewer(target).url == "https://git.example/api/graphql");
  CHECK(viewer_of(Json{{"data", {{"viewer", {{"login", "bot"}}}}}}) == "bot");
  CHECK_FALSE(viewer_of(Json{{"errors", Json::array()}}));
}

TEST_CASE("a post name that would break its context is refused", "[github_requests]") {
  for (const char* good : {"perfgate", "perfgate (a100)", "perf/gate.1"})
    CHECK_NOTHROW(require_post_name(good));
  for (const char* bad : {"", "a--b", "a>b", "a\nb", "<b>", "a\"b"})
    CHECK_THROWS_AS(require_post_name(bad), UsageError);
}
