// SPDX-License-Identifier: Apache-2.0
#include "gate/os/process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "gate/os/files.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

ChildResult shell(const std::string& script, double timeout_s = 20) {
  return run_child({"sh", "-c", script}, {}, timeout_s);
}

}  // namespace

TEST_CASE("exit status and both outputs", "[process]") {
  const ChildResult result = shell("echo out; echo err >&2; exit 7");
  CHECK(result.exit_status == 7);
  CHECK(result.signal == 0);
  CHECK_FALSE(result.timed_out);
  CHECK(result.log == "out\nerr\n");
  CHECK(describe(result) == "exited with status 7");
  CHECK(shell("true").exit_status == 0);
}

TEST_CASE("a signal is named", "[process]") {
  const ChildResult result = shell("kill -SEGV $$");
  CHECK(result.signal == SIGSEGV);
  CHECK(describe(result) == "was killed by SIGSEGV");
}

TEST_CASE("what can't be started is named with the reason", "[process]") {
  CHECK(error_of<NoVerdict>([] { run_child({"/none/runner"}, {}, 1); }) ==
        "cannot start /none/runner: No such file or directory");
  const TemporaryDirectory folder;
  const auto file = folder.path() / "not-executable";
  write_file(file, "#!/bin/sh\n");
  CHECK_THAT(error_of<NoVerdict>([&] { run_child({file.string()}, {}, 1); }),
             ContainsSubstring("Permission denied"));
}

TEST_CASE("environment is added, stdin is empty", "[process]") {
  const ChildResult result =
      run_child({"sh", "-c", "cat; echo \"[$PERFGATE_X]\""}, {{"PERFGATE_X", "a b"}}, 20);
  CHECK(result.log == "[a b]\n");
}

TEST_CASE("arguments are not read by a shell", "[process]") {
  CHECK(run_child({"printf", "%s|", "a b", "$HOME", "*"}, {}, 20).log == "a b|$HOME|*|");
}

TEST_CASE("a time-out kills the whole group, grandchildren too", "[process]") {
  Leash leash;
  const ChildResult result = shell("sleep 1000 & sleep 1000", 0.2);
  CHECK(result.timed_out);
  CHECK(result.signal == SIGKILL);
  CHECK_THAT(describe(result), ContainsSubstring("was killed after"));
  CHECK(leash.all_gone());
}

TEST_CASE("a child that ignores SIGTERM is killed all the same", "[process]") {
  Leash leash;
  CHECK(shell("trap '' TERM INT HUP; while :; do sleep 1000; done", 0.2).timed_out);
  CHECK(leash.all_gone());
}

TEST_CASE("a grandchild that holds the output open can't stall the gate", "[process]") {
  Leash leash;
  const ChildResult result = shell("sleep 1000 & echo done");
  CHECK(result.exit_status == 0);
  CHECK(result.log == "done\n");
  CHECK(leash.all_gone());
}

TEST_CASE("a grandchild that never stops writing can't stall the gate", "[process]") {
  Leash leash;
  // `yes` fills the pipe faster than it can be emptied; alarm(20) turns a stall into a failure.
  ::alarm(20);
  const ChildResult result = shell("yes & exit 5");
  ::alarm(0);
  CHECK(result.exit_status == 5);
  CHECK(leash.all_gone());
}

TEST_CASE("a child that closes its output is waited for", "[process]") {
  CHECK(shell("exec >&- 2>&-; sleep 0.05; exit 4").exit_status == 4);
}

TEST_CASE("a long log keeps its beginning and its end", "[process]") {
  const ChildResult result = shell("echo first; yes 0123456789 | head -c 3000000; echo last");
  CHECK_THAT(result.log, StartsWith("first\n0123456789\n"));
  CHECK_THAT(result.log, EndsWith("last\n"));
  CHECK_THAT(result.log, ContainsSubstring("\n... (log cut) ...\n"));
  CHECK(result.log.size() < (64 << 10) + 100);
}

TEST_CASE("a log of the largest size is kept whole", "[process]") {
  const ChildResult result = shell("yes 0123456 | head -c 65536");  // 32 KiB and 32 KiB
  CHECK(result.log.size() == 65536);
  CHECK_THAT(result.log, !ContainsSubstring("log cut"));
}

TEST_CASE("an interrupt throws and leaves no child", "[process]") {
  // It runs in its own process, because the handlers stay installed.
  for (const int signal : {SIGINT, SIGTERM}) {
    Leash leash;
    const pid_t gate = ::fork();
    if (gate == 0) {
      catch_interrupts();
      int status = 1;
      try {
        // The child signals its parent to say that it runs.
        run_child(
            {"sh", "-c", "sleep 1000 & kill -" + std::to_string(signal) + " $PPID; sleep 1000"}, {},
            20);
      } catch (const Interrupted&) {
        status = 42;
      }
      ::_exit(status);
    }
    int status = 0;
    ::waitpid(gate, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 42);
    CHECK(leash.all_gone());
  }
}

TEST_CASE("no descriptor leaks from many children", "[process]") {
  const auto open_descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  };
  shell("true");
  const auto before = open_descriptors();
  for (int i = 0; i < 5; ++i) shell("echo x");
  for (int i = 0; i < 5; ++i) CHECK_THROWS_AS(run_child({"/none/runner"}, {}, 1), NoVerdict);
  CHECK(open_descriptors() == before);
}
