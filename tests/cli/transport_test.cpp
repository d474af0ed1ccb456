// SPDX-License-Identifier: Apache-2.0
// How a post reaches GitHub: retries, pages, redirects, TLS, proxies, and where the token may go.
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

TEST_CASE("the token stays out of errors even if the server repeats it", "[transport]") {
  Step step;
  step.github.faults = {{"POST",
                         "",
                         Fault::Kind::answer,
                         422,
                         {},
                         "{\"message\": \"bad header: Bearer " + planted_token + "\"}",
                         99},
                        {"GET", "", Fault::Kind::answer, 422, {}, planted_token, 99}};
  const Outcome outcome = step.publish();
  CHECK_THAT(outcome.err, ContainsSubstring("bad header: Bearer ***"));
  CHECK(step.token_places(outcome).empty());
}

TEST_CASE("the search for the token finds it", "[transport]") {
  const Step step;
  write_file(step.bench.root() / "leak.txt", "x" + planted_token);
  CHECK(step.token_places({0, planted_token, planted_token}) ==
        std::vector<std::string>{"stdout", "stderr", "leak.txt"});
}

TEST_CASE("no child finds a token: not in its environment, its parent's, the guardian's",
          "[transport]") {
  Step step;
  // It looks at every process of perfgate that it may look at, then measures.
  write_file(step.bench.root() / "spy", R"(#!/bin/sh
{ env
  for process in $PPID $(grep -l '^perfgate' /proc/[0-9]*/comm | cut -d/ -f3); do
    tr '\0' '\n' </proc/$process/environ
    tr '\0' '\n' </proc/$process/cmdline
  done
} >>seen.txt 2>/dev/null
exec ")" + step.bench.runner + "\" \"$@\"\n");
  std::filesystem::permissions(step.bench.root() / "spy", std::filesystem::perms::owner_all);
  step.bench.runner = (step.bench.root() / "spy").string();
  for (const char* name :
       {"GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "ACTIONS_RUNTIME_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "AWS_SECRET_ACCESS_KEY"})
    step.bench.env[name] = planted_token;
  const Outcome outcome = step.bench.perfgate({"--post", "status", "--lock-clocks"});
  CHECK_THAT(outcome.err, !ContainsSubstring("warning"));
  CHECK(step.github.statuses.size() == 1);  // with the token
  const std::string seen = read_file(step.bench.root() / "seen.txt");
  CHECK_THAT(seen, ContainsSubstring("PATH=") && ContainsSubstring("--lock-clocks") &&
                       !ContainsSubstring("GITHUB_TOKEN") && !ContainsSubstring("ACTIONS_"));
  CHECK(step.token_places(outcome).empty());
}

TEST_CASE("a crash of perfgate leaves no core dump, which would hold the token", "[transport]") {
  Step step;
  // The shell says "core dumped" of what the kernel dumped, wherever the file went.
  const auto crash = [&](const std::string& command) {
    step.bench.before = "ulimit -c unlimited 2>/dev/null; set -- sh -c '" + command + "' sh \"$@\"";
    return step.bench.perfgate({"--post", "status"});
  };
  const Outcome control = crash("sh -c \"kill -ABRT \\$\\$\"; exit 0");
  if (control.err.find("core dumped") == std::string::npos) {
    WARN("not tried: nothing that crashes here leaves a core dump");
    return;
  }
  for (const int signal : {SIGABRT, SIGTRAP}) {  // a sanitizer takes SIGSEGV for itself
    step.bench.env["FAKE_RUNNER"] = "signal:" + std::to_string(signal);
    const Outcome outcome = crash("\"$@\"; exit $?");
    INFO(outcome.err);
    CHECK(outcome.code == 128 + signal);
    CHECK_THAT(outcome.err, !ContainsSubstring("core dumped"));
    CHECK(step.token_places(outcome).empty());
  }
}

TEST_CASE(
    "no child reads the token in perfgate's memory, as another user or as root without ptrace",
    "[transport]") {
  Step step;
  // The memory of a process of its own, in which the token is, shows that the search works.
  write_file(step.bench.root() / "look", R"(#!/bin/bash
look() {
  for name in environ cmdline; do tr '\0' '\n' <"/proc/$1/$name"; done
  sed -n 's/^\([0-9a-f]*\)-\([0-9a-f]*\) r.*/\1 \2/p' "/proc/$1/maps" | while read -r begin end; do
    dd if="/proc/$1/mem" bs=4096 skip=$((0x$begin / 4096)) count=$(((0x$end - 0x$begin) / 4096))
  done
}
env X=planted-token-5f3a sleep 100 &
until grep -q sleep "/proc/$!/comm"; do :; done
look $! 2>/dev/null | grep -ac planted-token >control.txt
kill $!
for process in "$@"; do look "$process"; done 2>/dev/null | grep -ao planted-token >found.txt
grep CapEff /proc/self/status >rights.txt
exit 0
)");
  write_file(step.bench.root() / "spy", R"(#!/bin/bash
processes=$(echo $PPID $(grep -l '^perfgate' /proc/[0-9]*/comm | cut -d/ -f3))
try() { # WAY COMMAND...
  mkdir -p "$1" && chmod 777 "$1" && (cd "$1" && "${@:2}" bash ../look $processes)
}
if [[ $(id -u) == 0 ]]; then
  try no_ptrace setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace
  try other_user setpriv --reuid=65534 --regid=65534 --clear-groups
else
  try same_user env
fi
exec ")" + step.bench.runner + "\" \"$@\"\n");
  const std::filesystem::path root = step.bench.root();
  std::filesystem::permissions(root, std::filesystem::perms::all);
  std::filesystem::permissions(root / "spy", std::filesystem::perms::owner_all);
  step.bench.runner = (root / "spy").string();
  CHECK(step.bench.perfgate({"--post", "status", "--lock-clocks"}).code != 2);
  CHECK(step.github.statuses.size() == 1);  // with the token
  for (const char* way : {"no_ptrace", "other_user", "same_user"}) {
    if (!std::filesystem::exists(root / way)) continue;
    INFO(way);
    CHECK(read_file(root / way / "control.txt") != "0\n");
    CHECK(read_file(root / way / "found.txt").empty());
  }
}

TEST_CASE("a scheme in capitals is the same scheme: no proxy sees the token", "[transport]") {
  for (const std::string scheme : {"HTTP", "Http"})
    for (const std::string proxy_variable : {"ALL_PROXY", "all_proxy", "http_proxy"}) {
      Step step;
      FakeGithub proxy;
      step.bench.env["GITHUB_API_URL"] = scheme + step.github.url().substr(4);
      step.bench.env[proxy_variable] = proxy.url();
      CHECK(step.publish_pass("status").code == 0);
      CHECK(step.github.statuses.size() == 1);
      CHECK(proxy.seen.empty());
    }
}

TEST_CASE("a next page that repeats the token is named without it", "[transport]") {
  Step step;
  step.github.faults = {{"GET",
                         "/comments",
                         Fault::Kind::answer,
                         200,
                         {"Link: <http://127.0.0.1:1/" + planted_token + ">; rel=\"next\""},
                         "[]",
                         9}};
  const Outcome outcome = step.publish_pass("comment");
  CHECK_THAT(outcome.err, ContainsSubstring("http://127.0.0.1:1/***"));
  CHECK(step.token_places(outcome).empty());
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

TEST_CASE("a token with a line end is refused without being shown", "[transport]") {
  Step step;
  step.bench.env["GITHUB_TOKEN"] = planted_token + "\nX-Evil: 1";
  const Outcome outcome = step.publish_pass("status");
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("GITHUB_TOKEN holds"));
  CHECK(step.github.seen.empty());
  CHECK(step.token_places(outcome).empty());
}
