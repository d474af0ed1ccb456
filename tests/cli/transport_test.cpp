// SPDX-License-Identifier: Apache-2.0
// How a post reaches GitHub: retries, pages, redirects, TLS and proxies.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "gate/os/process.h"
#include "gate/util/json_object.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/step.h"

using namespace perfgate;

namespace {

/// Runs `openssl s_server -www` on a free port of the loopback device; it ends with this object.
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
    // The server prints "ACCEPT 127.0.0.1:40123".
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

}  // namespace

TEST_CASE("a temporary failure is tried again", "[transport]") {
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

TEST_CASE("a permanent failure is tried once, printed, and changes no exit code by itself",
          "[transport]") {
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

TEST_CASE("one place that fails does not keep the others from being posted", "[transport]") {
  Step step;
  step.github.faults = {{"POST", "/check-runs", Fault::Kind::answer, 403, {}, "{}", 9}};
  const Outcome outcome = step.publish();
  CHECK_THAT(outcome.err, ContainsSubstring("check was not posted"));
  CHECK(step.github.comments.size() == 1);
  CHECK(step.github.statuses.size() == 1);
}

TEST_CASE("a server that answers slowly or without end is left", "[transport]") {
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

TEST_CASE("an answer that is no API's is an error", "[transport]") {
  Step step;
  step.github.faults = {{"GET", "/comments", Fault::Kind::answer, 200, {}, "<html>", 9}};
  const Outcome outcome = step.publish_pass("comment");
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("not valid JSON"));
  CHECK(step.github.comments.empty());
}

TEST_CASE("pages that never end, or lead away, are not followed", "[transport]") {
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

TEST_CASE("a redirect of a GET is followed on the same server, with the token", "[transport]") {
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

TEST_CASE("a redirect to another server is followed without the token", "[transport]") {
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
  CHECK(step.token_places(outcome).empty());
}

TEST_CASE("a redirect to plain http elsewhere is not followed", "[transport]") {
  Step step;
  step.github.faults = {
      {"GET", "/comments", Fault::Kind::answer, 302, {"Location: http://192.0.2.1/x"}, "{}", 1}};
  const Outcome outcome = step.publish_pass("comment");
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err,
             ContainsSubstring("redirected to 'http://192.0.2.1/x', which is not https"));
}

TEST_CASE("a redirect of a write, or in a circle, is an error", "[transport]") {
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

TEST_CASE("a server with an untrusted certificate gets no request", "[transport]") {
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
  // The same server is reached once its certificate is trusted; it answers only GETs.
  step.bench.env["PERFGATE_HTTP_TIMEOUT_S"] = "0.5";
  step.bench.env["SSL_CERT_FILE"] = folder + "/cert.pem";
  CHECK_THAT(step.publish_pass("status").err,
             ContainsSubstring("Timeout was reached") && !ContainsSubstring("certificate"));
  // It is not reached under another name.
  step.bench.env.erase("PERFGATE_HTTP_TIMEOUT_S");
  step.bench.env["GITHUB_API_URL"] = "https://127.0.0.1:" + std::to_string(server.port());
  CHECK_THAT(step.publish_pass("status").err, ContainsSubstring("certificate"));
  CHECK(step.token_places(refused).empty());
}

TEST_CASE("an https proxy is used, and gets no token", "[transport]") {
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
  CHECK(step.token_places(outcome).empty());
}

TEST_CASE("nothing listens: an error that says where, and the verdict stands", "[transport]") {
  Step step;
  step.bench.env["GITHUB_API_URL"] = "http://127.0.0.1:1";
  const Outcome outcome = step.publish();
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, ContainsSubstring("/check-runs?check_name=perfgate") &&
                              ContainsSubstring("(after 4 tries)"));
}

TEST_CASE("an answer nested a million deep is a failed post, not a crash", "[transport]") {
  const std::string deep(1000000, '['), end(1000000, ']');
  for (const int status : {422, 200}) {
    Step step;
    step.github.faults = {{"POST",
                           "/statuses/",
                           Fault::Kind::answer,
                           status,
                           {},
                           R"({"message": "x", "errors": )" + deep + end + "}",
                           9}};
    const Outcome outcome = step.publish_pass("status");
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring("status was not posted"));
    CHECK(outcome.err.size() < 2500);
  }
}
