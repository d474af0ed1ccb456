// SPDX-License-Identifier: Apache-2.0
// What perfgate posts, and when, to a server that behaves like GitHub's API, over real sockets with
// real libcurl. transport_test.cpp tests how it gets there.
#include "gate/util/json_object.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/step.h"

using namespace perfgate;

TEST_CASE("publish posts a comment, a check run and a status to the head commit", "[posting]") {
  Step step;
  const Outcome outcome = step.publish();
  CHECK(outcome.code == 1);  // the verdict's exit code
  CHECK(outcome.err.empty());
  CHECK(outcome.last_line() == "perfgate: FAIL: 1 regressed, 10 passed (h200)");
  REQUIRE(step.github.comments.size() == 1);
  CHECK_THAT(step.github.comments[0].body,
             StartsWith("<!-- perfgate report: perfgate -->\n### perfgate&#58; FAIL") &&
                 ContainsSubstring("| ✗ ") &&
                 ContainsSubstring("(https://github.com/octo/hello/actions/runs/77)"));
  REQUIRE(step.github.checks.size() == 1);
  CHECK(step.github.checks[0]["conclusion"] == "failure");
  CHECK(step.github.checks[0]["head_sha"] == head_sha);
  REQUIRE(step.github.statuses.size() == 1);
  CHECK(step.github.statuses[0]["state"] == "failure");
  CHECK(step.github.count("POST", repository + "/statuses/" + head_sha) == 1);
  CHECK(step.github.count("POST", repository + "/issues/7/comments") == 1);
  for (const auto& seen : step.github.seen) {
    CHECK(seen.headers.at("authorization") == "Bearer " + planted_token);
    CHECK_THAT(seen.headers.at("user-agent"), StartsWith("perfgate/"));
    CHECK(seen.path.find(planted_token) == std::string::npos);
    CHECK(seen.body.find(planted_token) == std::string::npos);
  }
  CHECK(step.token_places(outcome).empty());
}

TEST_CASE("the shipped recording's result, three ways", "[posting]") {
  Step step;
  const std::string source = PERFGATE_SOURCE_DIR;
  REQUIRE(step.bench
              .perfgate({"compare", source + "/tests/recordings/h200.json", "--config",
                         source + "/configs/perfgate.toml", "--json", "shipped.json"})
              .code == 0);
  const Outcome outcome =
      step.bench.perfgate({"publish", "shipped.json", "--require-post", "--force"});
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK_THAT(step.github.comments.at(0).body, ContainsSubstring("All 44 cases"));
  CHECK(step.github.checks.at(0)["conclusion"] == "success");
  // It was recorded in a work tree that had changes.
  CHECK(step.github.statuses.at(0)["description"] ==
        "PASS: 44 passed (h200), with uncommitted changes");
}

TEST_CASE("10,000 cases, one regressed: GitHub takes all of it", "[posting]") {
  Step step;
  Json json = parse_json(read_file(step.bench.root() / "result.json"), "r");
  Json passed = json["cases"][0];
  REQUIRE(passed["verdict"] == "pass");
  // These are never posted; without them a build with sanitizers reads the file in half the time.
  for (const char* key : {"split", "roofline", "explanation", "cause"}) passed.erase(key);
  passed["metrics"] = Json::object();
  for (int i = 0; i < 10000 - 11; ++i) {
    passed["part"] = "\xF0\x9F\x94\xA5" + std::to_string(i);
    json["cases"].push_back(passed);
  }
  json["counts"]["pass"] = 9999;
  write_file(step.bench.root() / "result.json", json.dump());
  const Outcome outcome = step.publish({"--require-post"});
  CHECK(outcome.code == 1);
  CHECK(outcome.err.empty());
  for (const Json& text :
       {Json(step.github.comments.at(0).body), step.github.checks.at(0)["output"]["summary"]})
    CHECK(text.get<std::string>().find("o\\_proj") < 600);
  CHECK(step.github.statuses.at(0)["description"] == "FAIL: 1 regressed, 9999 passed (h200)");
}

TEST_CASE("two runs make one comment, whatever stands around it", "[posting]") {
  Step step;
  for (int i = 0; i < 250; ++i)
    step.github.comments.push_back({i + 1, "reviewer", "comment number " + std::to_string(i)});
  CHECK(step.publish().err.empty());
  REQUIRE(step.github.comments.size() == 251);
  CHECK(step.bench.perfgate({"publish", "pass.json"}).code == 0);
  REQUIRE(step.github.comments.size() == 251);
  CHECK_THAT(step.github.comments[250].body, ContainsSubstring("PASS"));
  CHECK(step.github.count("GET", "per_page=100&page=3") == 3);  // the first run looks twice
  CHECK(step.github.count("PATCH", "/issues/comments/1250") == 1);
}

TEST_CASE("a repeated publish updates its check run", "[posting]") {
  Step step;
  CHECK(step.publish_pass("check").err.empty());
  CHECK(step.publish_pass("check").err.empty());
  REQUIRE(step.github.checks.size() == 1);
  CHECK(step.github.checks[0]["conclusion"] == "success");
  CHECK(step.github.count("POST", "/check-runs") == 1);
  CHECK(step.github.count("PATCH", "/check-runs/1") == 1);
  // The check run was made though no answer came: it is looked for before another one is made.
  Step lost;
  lost.github.faults = {{"POST", "/check-runs", Fault::Kind::done_reset, 0, {}, "", 1}};
  CHECK(lost.publish_pass("check").err.empty());
  CHECK(lost.github.checks.size() == 1);
}

TEST_CASE("another author's comment with our mark is left alone", "[posting]") {
  Step step;
  const std::string forged = "<!-- perfgate report: perfgate -->\n### perfgate: PASS";
  step.github.comments.push_back({5, "mallory", forged});
  CHECK(step.publish({"--post", "comment"}).err.empty());
  REQUIRE(step.github.comments.size() == 2);
  CHECK(step.github.comments[0].body == forged);
  CHECK(step.github.comments[1].login == "github-actions[bot]");
}

TEST_CASE("a token of another author finds its own comment", "[posting]") {
  Step step;
  step.github.viewer = "gate-app[bot]";
  step.publish({"--post", "comment"});
  step.publish({"--post", "comment"});
  CHECK(step.github.comments.size() == 1);
}

TEST_CASE("a server without GraphQL: the workflow's own author", "[posting]") {
  Step step;
  step.github.faults = {{"POST", "/graphql", Fault::Kind::answer, 404, {}, "{}", 9}};
  step.publish({"--post", "comment"});
  CHECK(step.publish({"--post", "comment"}).err.empty());
  CHECK(step.github.comments.size() == 1);
}

TEST_CASE("two names are two comments", "[posting]") {
  Step step;
  step.publish({"--post", "comment", "--name", "perfgate (a100)"});
  step.publish({"--post", "comment", "--name", "perfgate (h100)"});
  step.publish({"--post", "comment", "--name", "perfgate (a100)"});
  CHECK(step.github.comments.size() == 2);
}

TEST_CASE("a comment that was deleted meanwhile is created again", "[posting]") {
  Step step;
  step.publish({"--post", "comment"});
  step.github.faults = {{"PATCH", "/issues/comments/", Fault::Kind::answer, 404, {}, "{}", 1}};
  CHECK(step.publish({"--post", "comment"}).err.empty());
  CHECK(step.github.count("PATCH", "/issues/comments/") == 2);
}

TEST_CASE("a comment whose answer was lost is looked for before another one is made", "[posting]") {
  for (const auto kind : {Fault::Kind::done_reset, Fault::Kind::reset}) {
    Step step;
    step.github.faults = {{"POST", "/comments", kind}};
    CHECK(step.publish({"--post", "comment"}).err.empty());
    CHECK(step.github.comments.size() == 1);
  }
}

TEST_CASE("two runs at once leave one comment, with the text of the later one", "[posting]") {
  Step step;
  step.github.overtaking = "<!-- perfgate report: perfgate -->\n### perfgate: PASS";
  CHECK(step.publish({"--post", "comment"}).err.empty());
  REQUIRE(step.github.comments.size() == 1);
  CHECK(step.github.comments[0].id == 1000);
  CHECK_THAT(step.github.comments[0].body, ContainsSubstring("### perfgate&#58; FAIL"));
}

TEST_CASE("another name's comment, made at the same moment, stays", "[posting]") {
  Step step;
  const std::string other = "<!-- perfgate report: other -->\n### perfgate: PASS";
  step.github.overtaking = other;
  CHECK(step.publish({"--post", "comment"}).err.empty());
  REQUIRE(step.github.comments.size() == 2);
  CHECK(step.github.comments[0].body == other);
}

TEST_CASE("a comment that cannot be merged was posted all the same", "[posting]") {
  Step step;
  step.github.overtaking = "<!-- perfgate report: perfgate -->\n### perfgate: PASS";
  step.github.faults = {{"DELETE", "/issues/comments/", Fault::Kind::answer, 403, {}, "{}", 1}};
  const Outcome outcome = step.publish_pass("comment");
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.err, ContainsSubstring("warning: comment: posted; whether it is there twice"));
}

TEST_CASE("a fork's run: the pull request is asked for, never taken from the result", "[posting]") {
  Step step;
  step.event(R"({"workflow_run": {"head_sha": ")" + head_sha +
             R"(", "head_branch": "fix", "head_repository": {"owner": {"login": "mona"}},
                "pull_requests": []}})");
  const auto pull = [](int number, const std::string& state, const std::string& sha) {
    return Json{{"number", number},
                {"state", state},
                {"head", {{"sha", sha}}},
                {"base", {{"repo", {{"full_name", "octo/hello"}}}}}};
  };
  SECTION("by its commit") {
    step.github.pulls_of_commit = {pull(3, "closed", head_sha), pull(8, "open", head_sha)};
    CHECK(step.publish().err.empty());
    CHECK(step.github.count("POST", "/issues/8/comments") == 1);
    CHECK(step.github.count("POST", "/statuses/" + head_sha) == 1);
  }
  SECTION("by its branch, because GitHub finds no commit of a fork") {
    step.github.open_pulls = {pull(9, "open", head_sha)};
    CHECK(step.publish().err.empty());
    CHECK(step.github.count("GET", "/pulls?state=open&per_page=100&head=mona:fix") == 1);
    CHECK(step.github.count("POST", "/issues/9/comments") == 1);
  }
  SECTION("pushed to since: no comment, which is no failure") {
    step.github.open_pulls = {pull(9, "open", merge_sha)};
    const Outcome outcome = step.publish_pass("comment,status");
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.err, ContainsSubstring("comment: left out: no open pull request has bbbb"));
    CHECK(step.github.comments.empty());
    CHECK(step.github.statuses.size() == 1);
  }
}

TEST_CASE("a check run is open while perfgate measures, and completed whatever happens",
          "[posting]") {
  Step step;
  SECTION("a verdict") {
    step.bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.1";
    const Outcome outcome = step.bench.perfgate({"--post", "check,status"});
    CHECK(outcome.code == 1);
    CHECK(outcome.err.find("warning") == std::string::npos);
    REQUIRE(step.github.checks.size() == 1);
    CHECK(step.github.checks[0]["conclusion"] == "failure");
    CHECK(parse_json(step.github.seen[0].body, "b")["status"] == "in_progress");
    CHECK(step.github.count("PATCH", "/check-runs/1") == 1);
  }
  SECTION("no GPU") {
    step.bench.env["PERFGATE_NVML"] = "/none";
    step.bench.env["CI"] = "1";
    CHECK(step.bench.perfgate({"--post", "check"}).code == 3);
    REQUIRE(step.github.checks.size() == 1);
    CHECK(step.github.checks[0]["conclusion"] == "neutral");
    CHECK_THAT(step.github.checks[0]["output"]["summary"].get<std::string>(),
               ContainsSubstring("no GPU"));
  }
  SECTION("an interrupt, before the second between two writes is over") {
    step.bench.env["PERFGATE_POST_PACE"] = "1";
    step.bench.env["FAKE_RUNNER"] = "interrupt";
    CHECK(step.bench.perfgate({"--post", "check"}).code == 130);
    REQUIRE(step.github.checks.size() == 1);
    CHECK(step.github.checks[0]["status"] == "completed");
    CHECK(step.github.checks[0]["conclusion"] == "neutral");
  }
  SECTION("a bad config") {
    step.bench.change_policy("alpha = 0.001", "alpha = 7");
    CHECK(step.bench.perfgate({"--post", "check"}).code == 2);
    REQUIRE(step.github.checks.size() == 1);
    CHECK(step.github.checks[0]["status"] == "completed");
  }
}

TEST_CASE("without an environment a check still measures, and says what it could not post",
          "[posting]") {
  Step step;
  for (const char* name : {"GITHUB_TOKEN", "GITHUB_REPOSITORY"}) {
    const std::string kept = step.bench.env[name];
    step.bench.env.erase(name);
    const Outcome outcome = step.bench.perfgate({"--post", "status"});
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.err, ContainsSubstring("status was not posted: " + std::string(name)));
    CHECK(step.bench.perfgate({"--post", "status", "--require-post"}).code == 3);
    step.bench.env[name] = kept;
  }
  CHECK(step.github.seen.empty());
}
