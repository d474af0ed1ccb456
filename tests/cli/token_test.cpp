// SPDX-License-Identifier: Apache-2.0
// Where the token may go, and where it must not: texts, other servers, children, memory, core
// dumps.
#include <unistd.h>

#include <csignal>

#include "tests/support/catch.h"
#include "tests/support/step.h"

using namespace perfgate;

namespace {

/// Shell lines that put the perfgate processes started by this test into $processes. A test that
/// runs beside it starts perfgate with the token too, and has not hidden it in its first moment.
std::string find_processes() {
  return R"(
is_ours() {
  parent=$1
  while [ "${parent:-0}" -gt 1 ]; do
    parent=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$parent/status")
    [ "$parent" != )" +
         std::to_string(::getpid()) + R"( ] || return 0
  done
  return 1
}
processes=
for process in $(grep -l '^perfgate' /proc/[0-9]*/comm | cut -d/ -f3); do
  ! is_ours "$process" || processes="$processes $process"
done
)";
}

}  // namespace

TEST_CASE("the token stays out of errors even if the server repeats it", "[token]") {
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

TEST_CASE("the search for the token finds it", "[token]") {
  const Step step;
  write_file(step.bench.root() / "leak.txt", "x" + planted_token);
  CHECK(step.token_places({0, planted_token, planted_token}) ==
        std::vector<std::string>{"stdout", "stderr", "leak.txt"});
}

TEST_CASE("no child finds a token: not in its environment, its parent's, the guardian's",
          "[token]") {
  Step step;
  // It looks at every process of perfgate that it may look at, then measures.
  write_file(step.bench.root() / "spy", "#!/bin/sh\n{" + find_processes() + R"(
  env
  for process in $processes; do
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

TEST_CASE("a crash of perfgate leaves no core dump, which would hold the token", "[token]") {
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
    "[token]") {
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
  write_file(step.bench.root() / "spy", "#!/bin/bash" + find_processes() + R"(
echo $processes | wc -w >processes.txt
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
  CHECK(step.github.statuses.size() == 1);            // with the token
  CHECK(read_file(root / "processes.txt") == "2\n");  // perfgate and its guardian
  for (const char* way : {"no_ptrace", "other_user", "same_user"}) {
    if (!std::filesystem::exists(root / way)) continue;
    INFO(way);
    CHECK(read_file(root / way / "control.txt") != "0\n");
    CHECK(read_file(root / way / "found.txt").empty());
  }
}

TEST_CASE("a scheme in capitals is the same scheme: no proxy sees the token", "[token]") {
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

TEST_CASE("a next page that repeats the token is named without it", "[token]") {
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

TEST_CASE("a token with a line end is refused without being shown", "[token]") {
  Step step;
  step.bench.env["GITHUB_TOKEN"] = planted_token + "\nX-Evil: 1";
  const Outcome outcome = step.publish_pass("status");
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("GITHUB_TOKEN holds"));
  CHECK(step.github.seen.empty());
  CHECK(step.token_places(outcome).empty());
}
