// perfgate against a server that behaves like GitHub's API, over real sockets with real libcurl.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "bench.h"
#include "catch.h"
#include "fake_github.h"
#include "fake_measure.h"
#include "gate/json_object.h"
#include "gate/process.h"

using namespace perfgate;

namespace {

const std::string token = "planted-token-5f3a";
const std::string head_sha(40, 'b'), merge_sha(40, 'a');
const std::string repository = "/repos/octo/hello";

/// A workspace with a result of one regressed case, in a step of a pull request's workflow.
class Step {
 public:
  Bench bench;
  FakeGithub github;

  Step() {
    bench.make_baseline();
    bench.save_run("slow.json", "slow:*/o_proj:1.1");
    bench.save_run("good.json");
    bench.perfgate({"compare", "slow.json", "--json", "result.json"});
    bench.perfgate({"compare", "good.json", "--json", "pass.json"});
    bench.env["GITHUB_API_URL"] = github.url();
    bench.env["GITHUB_REPOSITORY"] = "octo/hello";
    bench.env["GITHUB_SHA"] = merge_sha;
    bench.env["GITHUB_TOKEN"] = token;
    bench.env["GITHUB_SERVER_URL"] = "https://github.com";
    bench.env["GITHUB_RUN_ID"] = "77";
    bench.env["PERFGATE_POST_PACE"] = "0";
    event(R"({"pull_request": {"number": 7, "head": {"sha": ")" + head_sha + "\"}}}");
  }

  void event(const std::string& payload) {
    write_file(bench.root() / "event.json", payload);
    bench.env["GITHUB_EVENT_PATH"] = (bench.root() / "event.json").string();
  }

  Outcome publish(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"publish", "result.json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return bench.perfgate(arguments);
  }
  /// A result that passed, so that nothing but the post can change the exit code.
  Outcome publish_pass(const std::string& places) {
    return bench.perfgate({"publish", "pass.json", "--post", places, "--require-post"});
  }
};

/// `openssl s_server -www` on a free port of the loopback device; it ends with this object.
class TlsServer {
 public:
  TlsServer(const std::string& certificate, const std::string& key) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    m_pid = ::fork();
    if (m_pid == 0) {
      ::dup2(ends[1], 1);
      ::dup2(::open("/dev/null", O_WRONLY), 2);
      ::execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert",
               certificate.c_str(), "-key", key.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    // "ACCEPT 127.0.0.1:40123"
    std::string said;
    char byte;
    while (said.find("ACCEPT ") == std::string::npos || said.back() != '\n') {
      REQUIRE(::read(ends[0], &byte, 1) == 1);
      said += byte;
    }
    ::close(ends[0]);
    m_port = std::stoi(said.substr(said.rfind(':') + 1));
  }
  ~TlsServer() {
    ::kill(m_pid, SIGKILL);
    ::waitpid(m_pid, nullptr, 0);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  int port() const { return m_port; }

 private:
  pid_t m_pid = -1;
  int m_port = 0;
};

void check_nowhere(const Bench& bench, const Outcome& outcome) {
  CHECK_THAT(outcome.out, !ContainsSubstring(token));
  CHECK_THAT(outcome.err, !ContainsSubstring(token));
  for (const std::string& file : bench.files(bench.root())) {
    INFO(file);
    if (std::filesystem::is_regular_file(bench.root() / file))
      CHECK(read_file(bench.root() / file).find(token) == std::string::npos);
  }
}

}  // namespace

TEST_CASE("publish posts a comment, a check run and a status to the head commit", "[posting]") {
  Step step;
  const Outcome outcome = step.publish();
  CHECK(outcome.code == 1);  // the verdict's
  CHECK(outcome.err.empty());
  CHECK(outcome.last_line() == "perfgate: FAIL: 1 regressed, 10 passed (h200)");
  REQUIRE(step.github.comments.size() == 1);
  CHECK_THAT(step.github.comments[0].body,
             StartsWith("<!-- perfgate report: perfgate -->\n### perfgate&#58; FAIL") &&
                 ContainsSubstring("**regressed**") &&
                 ContainsSubstring("(https://github.com/octo/hello/actions/runs/77)"));
  REQUIRE(step.github.checks.size() == 1);
  CHECK(step.github.checks[0]["conclusion"] == "failure");
  CHECK(step.github.checks[0]["head_sha"] == head_sha);
  REQUIRE(step.github.statuses.size() == 1);
  CHECK(step.github.statuses[0]["state"] == "failure");
  CHECK(step.github.count("POST", repository + "/statuses/" + head_sha) == 1);
  CHECK(step.github.count("POST", repository + "/issues/7/comments") == 1);
  for (const auto& seen : step.github.seen) {
    CHECK(seen.headers.at("authorization") == "Bearer " + token);
    CHECK_THAT(seen.headers.at("user-agent"), StartsWith("perfgate/"));
    CHECK(seen.path.find(token) == std::string::npos);
    CHECK(seen.body.find(token) == std::string::npos);
  }
  check_nowhere(step.bench, outcome);
}

TEST_CASE("the shipped recording's result, three ways", "[posting]") {
  Step step;
  const std::string source = PERFGATE_SOURCE_DIR;
  REQUIRE(step.bench
              .perfgate({"compare", source + "/tests/recordings/h200.json", "--config",
                         source + "/configs/perfgate.toml", "--json", "shipped.json"})
              .code == 0);
  const Outcome outcome = step.bench.perfgate({"publish", "shipped.json", "--require-post"});
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK_THAT(step.github.comments.at(0).body, ContainsSubstring("All 44 cases"));
  CHECK(step.github.checks.at(0)["conclusion"] == "success");
  CHECK(step.github.statuses.at(0)["description"] == "PASS: 44 passed (h200)");
}

TEST_CASE("10,000 cases, one regressed: GitHub takes all of it", "[posting]") {
  Step step;
  Json json = parse_json(read_file(step.bench.root() / "result.json"), "r");
  Json passed = json["cases"][0];
  REQUIRE(passed["verdict"] == "pass");
  // Nothing of these is posted; without them a build with sanitizers reads it in half the time.
  for (const char* key : {"split", "roofline", "explanation", "cause"}) passed.erase(key);
  passed["metrics"] = Json::object();
  for (int i = 0; i < 10000 - 11; ++i) {
    passed["case"] = "llama-2-7b/b1/s1024/fp16/\xF0\x9F\x94\xA5" + std::to_string(i);
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
  CHECK(step.github.count("GET", "per_page=100&page=3") == 2);
  CHECK(step.github.count("PATCH", "/issues/comments/1250") == 1);
}

TEST_CASE("somebody else's comment with our mark is left alone", "[posting]") {
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

TEST_CASE("a comment that was deleted meanwhile is made anew", "[posting]") {
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

TEST_CASE("what heals is tried again", "[posting]") {
  const std::string secondary = R"({"message": "You have exceeded a secondary rate limit"})";
  for (const Fault& fault : {
           Fault{"POST", "/statuses/", Fault::Kind::answer, 500, {}, "oops", 3},
           Fault{"POST", "/statuses/", Fault::Kind::answer, 403, {"Retry-After: 1"}, "{}", 2},
           Fault{"POST", "/statuses/", Fault::Kind::answer, 403, {}, secondary, 1},
           Fault{"POST", "/statuses/", Fault::Kind::answer, 429, {}, "{}", 1},
           Fault{"POST", "/statuses/", Fault::Kind::reset, 0, {}, "", 2},
       }) {
    Step step;
    step.github.faults = {fault};
    const Outcome outcome = step.publish_pass("status");
    CHECK(outcome.code == 0);
    CHECK(outcome.err.empty());
    CHECK(step.github.statuses.size() == 1);
    CHECK(step.github.count("POST", "/statuses/") == static_cast<std::size_t>(fault.times) + 1);
  }
}

TEST_CASE("what can't heal is tried once, printed, and changes no exit code by itself",
          "[posting]") {
  for (const int status : {400, 401, 403, 404, 410, 422, 451}) {
    Step step;
    step.github.faults = {
        {"POST", "/statuses/", Fault::Kind::answer, status, {}, R"({"message": "because"})", 9}};
    const Outcome outcome = step.bench.perfgate({"publish", "pass.json", "--post", "status"});
    INFO(status);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.err, StartsWith("perfgate: warning: status was not posted: POST ") &&
                                ContainsSubstring(std::to_string(status) + " because"));
    CHECK(step.github.count("POST", "/statuses/") == 1);
    CHECK(step.publish_pass("status").code == 3);
    CHECK(step.publish({"--post", "status", "--require-post"}).code == 1);  // 1 wins
  }
}

TEST_CASE("one place that fails does not keep the others from being posted", "[posting]") {
  Step step;
  step.github.faults = {{"POST", "/check-runs", Fault::Kind::answer, 403, {}, "{}", 9}};
  const Outcome outcome = step.publish();
  CHECK_THAT(outcome.err, ContainsSubstring("check was not posted"));
  CHECK(step.github.comments.size() == 1);
  CHECK(step.github.statuses.size() == 1);
}

TEST_CASE("a server that answers slowly or without end is left", "[posting]") {
  for (const auto kind : {Fault::Kind::silent, Fault::Kind::trickle}) {
    Step step;
    step.bench.env["PERFGATE_HTTP_TIMEOUT_S"] = "0.3";
    step.github.faults = {{"GET", "/comments", kind, 0, {}, "", 9}};
    const Outcome outcome = step.publish_pass("comment");
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring("Timeout was reached (after 4 tries)"));
  }
  Step step;
  step.github.faults = {{"GET", "/comments", Fault::Kind::endless, 0, {}, "", 9}};
  const Outcome outcome = step.publish_pass("comment");
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("longer than 33554432 bytes"));
  CHECK(step.github.count("GET", "/comments") == 1);
}

TEST_CASE("an answer that is no API's is an error", "[posting]") {
  Step step;
  step.github.faults = {{"GET", "/comments", Fault::Kind::answer, 200, {}, "<html>", 9}};
  const Outcome outcome = step.publish_pass("comment");
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("not valid JSON"));
  CHECK(step.github.comments.empty());
}

TEST_CASE("pages that never end, or lead away, are not followed", "[posting]") {
  Step step;
  step.github.faults = {{"GET",
                         "/comments",
                         Fault::Kind::answer,
                         200,
                         {"Link: <" + step.github.url() + repository +
                          "/issues/7/comments?per_page=100&page=2>; rel=\"next\""},
                         "[]",
                         100000}};
  CHECK_THAT(step.publish_pass("comment").err, ContainsSubstring("pages of comments"));
  step.github.faults = {{"GET",
                         "/comments",
                         Fault::Kind::answer,
                         200,
                         {"Link: <http://127.0.0.1:1/x>; rel=\"next\""},
                         "[]",
                         100000}};
  CHECK_THAT(step.publish_pass("comment").err, ContainsSubstring("not below"));
  CHECK(step.github.comments.empty());
}

TEST_CASE("a redirect of a GET is followed on the same server, with the token", "[posting]") {
  Step step;
  step.github.faults = {{"GET",
                         repository + "/issues/7/comments",
                         Fault::Kind::answer,
                         301,
                         {"Location: /repositories/5/issues/7/comments?per_page=100"},
                         "{}",
                         1}};
  CHECK(step.publish_pass("comment").code == 0);
  CHECK(step.github.count("GET", "/repositories/5/issues/7/comments") == 1);
}

TEST_CASE("a redirect to another server is followed without the token", "[posting]") {
  Step step;
  FakeGithub other;
  other.token = "";
  step.github.faults = {{"GET",
                         "/comments",
                         Fault::Kind::answer,
                         302,
                         {"Location: " + other.url() + "/x/comments"},
                         "{}",
                         1}};
  const Outcome outcome = step.publish_pass("comment");
  CHECK(outcome.code == 0);
  REQUIRE(other.seen.size() == 1);
  CHECK_FALSE(other.seen[0].headers.contains("authorization"));
  CHECK(step.github.comments.size() == 1);
  check_nowhere(step.bench, outcome);
}

TEST_CASE("a redirect to plain http elsewhere is not followed", "[posting]") {
  Step step;
  step.github.faults = {
      {"GET", "/comments", Fault::Kind::answer, 302, {"Location: http://192.0.2.1/x"}, "{}", 1}};
  const Outcome outcome = step.publish_pass("comment");
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err,
             ContainsSubstring("redirected to 'http://192.0.2.1/x', which is not https"));
}

TEST_CASE("a redirect of a write, or in a circle, is an error", "[posting]") {
  Step step;
  step.github.faults = {
      {"POST", "/statuses/", Fault::Kind::answer, 307, {"Location: /elsewhere"}, "{}", 9}};
  CHECK_THAT(step.publish_pass("status").err,
             ContainsSubstring("followed for GET only; was the repository renamed?"));
  CHECK(step.github.count("POST", "/elsewhere") == 0);
  step.github.faults = {{"GET",
                         "/comments",
                         Fault::Kind::answer,
                         302,
                         {"Location: " + repository + "/issues/7/comments"},
                         "{}",
                         1000}};
  CHECK_THAT(step.publish_pass("comment").err, ContainsSubstring("more than 5 redirects"));
}

TEST_CASE("a certificate that nobody vouches for gets no request", "[posting]") {
  Step step;
  const std::string folder = step.bench.root().string();
  const auto run = [](const std::vector<std::string>& command) {
    const ChildResult child = run_child(command, {}, 60);
    INFO(child.log);
    REQUIRE(child.exit_status == 0);
  };
  run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
       "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
       folder + "/key.pem", "-out", folder + "/cert.pem"});
  TlsServer server(folder + "/cert.pem", folder + "/key.pem");
  step.bench.env["GITHUB_API_URL"] = "https://localhost:" + std::to_string(server.port());
  const Outcome refused = step.publish_pass("status");
  CHECK(refused.code == 3);
  CHECK_THAT(refused.err, ContainsSubstring("certificate") && !ContainsSubstring("tries"));
  // The same server is reached once its certificate is trusted; it answers GETs alone.
  step.bench.env["PERFGATE_HTTP_TIMEOUT_S"] = "0.5";
  step.bench.env["SSL_CERT_FILE"] = folder + "/cert.pem";
  CHECK_THAT(step.publish_pass("status").err,
             ContainsSubstring("Timeout was reached") && !ContainsSubstring("certificate"));
  // But not under another name.
  step.bench.env.erase("PERFGATE_HTTP_TIMEOUT_S");
  step.bench.env["GITHUB_API_URL"] = "https://127.0.0.1:" + std::to_string(server.port());
  CHECK_THAT(step.publish_pass("status").err, ContainsSubstring("certificate"));
  check_nowhere(step.bench, refused);
}

TEST_CASE("an https proxy is used, and gets no token", "[posting]") {
  Step step;
  step.bench.env["GITHUB_API_URL"] = "https://api.example.invalid";
  step.bench.env["HTTPS_PROXY"] = step.github.url();
  step.github.token = "";
  const Outcome outcome = step.publish_pass("status");
  CHECK(outcome.code == 3);
  REQUIRE_FALSE(step.github.seen.empty());
  CHECK(step.github.seen[0].method == "CONNECT");
  CHECK(step.github.seen[0].path == "api.example.invalid:443");
  CHECK_FALSE(step.github.seen[0].headers.contains("authorization"));
  check_nowhere(step.bench, outcome);
}

TEST_CASE("nothing listens: an error that says where, and the verdict stands", "[posting]") {
  Step step;
  step.bench.env["GITHUB_API_URL"] = "http://127.0.0.1:1";
  const Outcome outcome = step.publish();
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, ContainsSubstring("http://127.0.0.1:1/repos/octo/hello/check-runs") &&
                              ContainsSubstring("(after 4 tries)"));
}

TEST_CASE("the token stays out of errors even if the server repeats it", "[posting]") {
  Step step;
  step.github.faults = {{"POST",
                         "",
                         Fault::Kind::answer,
                         422,
                         {},
                         "{\"message\": \"bad header: Bearer " + token + "\"}",
                         99},
                        {"GET", "", Fault::Kind::answer, 422, {}, token, 99}};
  const Outcome outcome = step.publish();
  CHECK_THAT(outcome.err, ContainsSubstring("bad header: Bearer ***"));
  check_nowhere(step.bench, outcome);
}

TEST_CASE("the runner and git never see the token", "[posting]") {
  Step step;
  write_file(step.bench.root() / "spy", "#!/bin/sh\nenv >seen.txt; exit 3\n");
  std::filesystem::permissions(step.bench.root() / "spy", std::filesystem::perms::owner_all);
  step.bench.runner = (step.bench.root() / "spy").string();
  const Outcome outcome = step.bench.perfgate({"run", "-o", "record.json"});
  CHECK(outcome.code == 3);
  CHECK_THAT(read_file(step.bench.root() / "seen.txt"), ContainsSubstring("GITHUB_REPOSITORY="));
  check_nowhere(step.bench, outcome);
}

TEST_CASE("a token with a line end is refused without being shown", "[posting]") {
  Step step;
  step.bench.env["GITHUB_TOKEN"] = token + "\nX-Evil: 1";
  const Outcome outcome = step.publish_pass("status");
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("GITHUB_TOKEN holds"));
  CHECK(step.github.seen.empty());
  check_nowhere(step.bench, outcome);
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
