// SPDX-License-Identifier: Apache-2.0
// Tests publish --dry-run, and the places that are files or lines of the log.
#include "gate/util/json_object.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"

using namespace perfgate;

namespace {

const std::string sha(40, 'a');

Bench with_result() {
  Bench bench;
  bench.make_baseline();
  bench.save_run("slow.json", "slow:*/o_proj:1.1");
  bench.perfgate({"compare", "slow.json", "--json", "result.json"});
  bench.env["GITHUB_REPOSITORY"] = "octo/hello";
  bench.env["GITHUB_SHA"] = sha;
  // No server is reachable: opening a socket fails.
  bench.env["GITHUB_API_URL"] = "http://127.0.0.1:1";
  return bench;
}

}  // namespace

TEST_CASE("--dry-run prints the requests with the token's place marked", "[publish]") {
  Bench bench = with_result();
  bench.env["GITHUB_TOKEN"] = "planted-token";
  write_file(bench.root() / "event.json",
             R"({"pull_request": {"number": 7, "head": {"sha": ")" + sha + "\"}}}");
  bench.env["GITHUB_EVENT_PATH"] = "event.json";
  const Outcome outcome = bench.perfgate({"publish", "result.json", "--dry-run"});
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.out + outcome.err, !ContainsSubstring("planted"));
  CHECK_THAT(outcome.err, !ContainsSubstring("warning"));
  const Json requests = parse_json(outcome.out, "stdout");
  REQUIRE(requests.size() == 3);
  std::string urls;
  for (const Json& request : requests) {
    CHECK(request.size() == 4);
    CHECK(request["method"] == "POST");
    CHECK(request["headers"]["Authorization"] == "Bearer ***");
    urls += request["url"].get<std::string>() + " ";
  }
  CHECK(urls ==
        "http://127.0.0.1:1/repos/octo/hello/check-runs "
        "http://127.0.0.1:1/repos/octo/hello/statuses/" +
            sha + " http://127.0.0.1:1/repos/octo/hello/issues/7/comments ");
  CHECK_THAT(requests[2]["body"]["body"].get<std::string>(), ContainsSubstring("regressed"));
}

TEST_CASE("--dry-run where only the API knows the pull request", "[publish]") {
  Bench bench = with_result();
  write_file(bench.root() / "event.json", R"({"workflow_run": {"head_sha": ")" + sha + "\"}}");
  bench.env["GITHUB_EVENT_PATH"] = "event.json";
  const Outcome outcome =
      bench.perfgate({"publish", "result.json", "--dry-run", "--post", "comment"});
  CHECK(parse_json(outcome.out, "stdout")[0]["url"] ==
        "http://127.0.0.1:1/repos/octo/hello/issues/{issue_number}/comments");
}

TEST_CASE("a result is posted to the commit that it is of", "[publish]") {
  Bench bench = with_result();
  const std::string other(40, 'c'), base(40, 'd');
  const auto post = [&](std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"publish", "result.json", "--dry-run", "--post", "status"});
    return bench.perfgate(more);
  };
  CHECK(post().code == 1);
  bench.env["GITHUB_SHA"] = other;
  const Outcome refused = post();
  CHECK(refused.code == 2);
  CHECK_THAT(refused.err, ContainsSubstring("the result is of commit aaaaaaaaaaaa, not of "
                                            "cccccccccccc") &&
                              ContainsSubstring("--force"));
  CHECK(refused.out.empty());
  CHECK(post({"--force"}).code == 1);
  // The merge commit that a pull request's event tests stands for its head.
  const auto event = [&](const std::string& payload) {
    write_file(bench.root() / "event.json", payload);
    bench.env["GITHUB_EVENT_PATH"] = "event.json";
  };
  bench.env["GITHUB_SHA"] = sha;
  event(R"({"pull_request": {"number": 7, "head": {"sha": ")" + other + R"("}, "base": {"sha": ")" +
        base + "\"}}}");
  CHECK(post().code == 1);
  // For pull_request_target GITHUB_SHA is the base, whose result says nothing of the head.
  event(R"({"pull_request": {"number": 7, "head": {"sha": ")" + other + R"("}, "base": {"sha": ")" +
        sha + "\"}}}");
  CHECK(post().code == 2);
  // A later workflow knows the head alone, so the result names it.
  event(R"({"pull_request": {"number": 7, "head": {"sha": ")" + other + R"("}, "base": {"sha": ")" +
        base + "\"}}}");
  bench.perfgate({"compare", "slow.json", "--json", "result.json"});
  event(R"({"workflow_run": {"head_sha": ")" + other + "\"}}");
  bench.env["GITHUB_SHA"] = base;
  CHECK(post().code == 1);
  // A result without a commit is of none.
  Json result = parse_json(read_file(bench.root() / "result.json"), "result.json");
  result.erase("commit");
  result.erase("head");
  write_file(bench.root() / "result.json", result.dump());
  CHECK_THAT(post().err, ContainsSubstring("the result names no commit"));
}

TEST_CASE("a result of a changed work tree says so wherever it is posted", "[publish]") {
  Bench bench = with_result();
  write_file(bench.root() / "event.json",
             R"({"pull_request": {"number": 7, "head": {"sha": ")" + sha + "\"}}}");
  bench.env["GITHUB_EVENT_PATH"] = "event.json";
  const auto posted = [&](const char* place) {
    return bench.perfgate({"publish", "result.json", "--dry-run", "--post", place}).out;
  };
  const std::string note = "the work tree had changes that commit aaaaaaaaaaaa does not have";
  CHECK_THAT(posted("comment"), !ContainsSubstring(note));
  CHECK_THAT(posted("status"), !ContainsSubstring("uncommitted"));
  // An older perfgate wrote the commit alone.
  Json result = parse_json(read_file(bench.root() / "result.json"), "result.json");
  result["commit"] = sha + "-dirty";
  write_file(bench.root() / "result.json", result.dump());
  for (const char* place : {"comment", "check"}) CHECK_THAT(posted(place), ContainsSubstring(note));
  for (const char* place : {"status", "check"})
    CHECK_THAT(posted(place), ContainsSubstring(", with uncommitted changes"));
}

TEST_CASE("a replay is never posted as a success", "[publish]") {
  Bench bench = with_result();
  bench.save_run("tests/recordings/h200.json");
  REQUIRE(bench.perfgate({"demo", "--json", "result.json"}).code == 0);
  const Outcome outcome =
      bench.perfgate({"publish", "result.json", "--dry-run", "--post", "status,check"});
  const Json requests = parse_json(outcome.out, "stdout");
  REQUIRE(requests.size() == 2);
  CHECK(requests[0]["body"]["conclusion"] == "neutral");
  CHECK(requests[1]["body"]["state"] == "error");
}

TEST_CASE("publish without a place to post to is bad usage", "[publish]") {
  Bench bench = with_result();
  bench.env.erase("GITHUB_REPOSITORY");
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--dry-run"}}) {
    std::vector<std::string> arguments{"publish", "result.json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = bench.perfgate(arguments);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("GITHUB_REPOSITORY is not set"));
  }
}

TEST_CASE("publish names what it can't read", "[publish]") {
  const Bench bench = with_result();
  struct Row {
    std::vector<std::string> arguments;
    const char* text;
  };
  write_file(bench.root() / "broken.json", R"({"schema": 2, "kind": "result", "perfgat": "x"})");
  for (const Row& row : {
           Row{{"publish"}, "publish needs a result"},
           Row{{"publish", "none.json"}, "none.json"},
           Row{{"publish", "slow.json"}, "not a result; `perfgate compare RUN.json --json"},
           Row{{"publish", "broken.json"}, "perfgate: missing"},
           Row{{"publish", "result.json", "--post", "coment"}, "did you mean 'comment'?"},
           Row{{"publish", "result.json", "--name", "a--b"}, "--name 'a--b'"},
           Row{{"publish", "result.json", "--artifact-url", "javascript:x"}, "--artifact-url"},
           Row{{"publish", "result.json", "--html", "x.html"}, "--html needs the run"},
           Row{{"--require-post"}, "--require-post needs --post"},
           Row{{"list", "--post", "check"}, "--post is for check and publish"},
           Row{{"publish", "result.json", "--dry-run", "--json", "-"},
               "--dry-run prints to stdout"},
       }) {
    const Outcome outcome = bench.perfgate(row.arguments);
    INFO(row.text);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring(row.text));
  }
}

TEST_CASE("the step summary is added to what stands there", "[publish]") {
  Bench bench = with_result();
  const auto file = bench.root() / "summary.md";
  write_file(file, "# other\n");
  bench.env["GITHUB_STEP_SUMMARY"] = file.string();
  CHECK(bench.perfgate({"publish", "result.json", "--post", "summary"}).code == 1);
  CHECK_THAT(read_file(file),
             StartsWith("# other\n### perfgate") && ContainsSubstring("regressed"));
  // GitHub would drop a longer summary as a whole.
  write_file(file, std::string((1 << 20) - 5000, 'x'));
  bench.perfgate({"publish", "result.json", "--post", "summary"});
  CHECK(std::filesystem::file_size(file) <= 1 << 20);
  CHECK_THAT(read_file(file), ContainsSubstring("perfgate"));
  write_file(file, std::string(1 << 20, 'x'));
  const Outcome full =
      bench.perfgate({"publish", "result.json", "--post", "summary", "--require-post"});
  CHECK_THAT(full.err, ContainsSubstring("summary was not posted"));
  CHECK(std::filesystem::file_size(file) == 1 << 20);
}

TEST_CASE("outputs of the step", "[publish]") {
  Bench bench = with_result();
  bench.env["GITHUB_OUTPUT"] = (bench.root() / "outputs").string();
  CHECK(bench.perfgate({"publish", "result.json", "--post", "outputs", "--json", "merged.json"})
            .code == 1);
  CHECK(read_file(bench.root() / "outputs") ==
        "verdict=FAIL\nexit_code=1\nsentence=perfgate: FAIL: 1 regressed, 10 passed (h200)\n"
        "gpu=h200\ncases=11\npassed=10\nimproved=0\nregressed=1\naccepted=0\nnew=0\ninconclusive="
        "0\ninvalid=0\n"
        "missing=0\njson=merged.json\n");
}

TEST_CASE("in a step of Actions text from outside stands inside a fence", "[publish]") {
  Bench bench = with_result();
  bench.env["GITHUB_ACTIONS"] = "true";
  const Outcome outcome =
      bench.perfgate({"compare", "slow.json", "--baseline", "baselines/h200.toml"});
  const auto lines = split(outcome.out, '\n');
  REQUIRE(lines.size() > 4);
  REQUIRE_THAT(lines[0], StartsWith("::stop-commands::"));
  const std::string token = lines[0].substr(std::string("::stop-commands::").size());
  CHECK(token.size() == 32);
  CHECK(lines[lines.size() - 2] == "::" + token + "::");
  CHECK_THAT(lines.back(), StartsWith("perfgate: FAIL"));
  const Outcome again = bench.perfgate({"compare", "slow.json"});
  CHECK(split(again.out, '\n')[0] != lines[0]);
  const Outcome error = bench.perfgate({"compare", "none.json"});
  CHECK_THAT(error.err, StartsWith("::stop-commands::"));
}

TEST_CASE("annotations stand in the log, outside of the fence, before the last line", "[publish]") {
  Bench bench = with_result();
  bench.env["GITHUB_ACTIONS"] = "true";
  const Outcome outcome = bench.perfgate({"publish", "result.json", "--post", "annotations"});
  const auto lines = split(outcome.out, '\n');
  REQUIRE(lines.size() > 4);
  CHECK_THAT(lines[lines.size() - 2],
             StartsWith("::error file=configs/perfgate.toml,line=2,title=perfgate%3A "
                        "regressed::llama-2-7b/b1/s1024/fp16/o_proj: "));
  CHECK_THAT(lines[lines.size() - 3], StartsWith("::") && EndsWith("::"));
  CHECK_THAT(lines.back(), StartsWith("perfgate: FAIL"));
}
