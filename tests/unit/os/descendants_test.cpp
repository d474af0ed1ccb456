// SPDX-License-Identifier: Apache-2.0
// Nothing that a measured command started outlives it, however it got away from its group.
#include "gate/os/descendants.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "gate/os/process.h"
#include "gate/util/error.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"

using namespace perfgate;

TEST_CASE("a descendant in a session of its own is ended", "[descendants]") {
  for (const char* script : {"setsid sleep 1000 >/dev/null 2>&1 &",
                             "setsid sh -c 'setsid sh -c \"setsid sleep 1000 & sleep 1000\" & "
                             "sleep 1000' >/dev/null 2>&1 &",
                             "(setsid sleep 1000 &) >/dev/null 2>&1; kill -KILL $$"}) {
    INFO(script);
    Leash leash;
    {
      const Descendants mine;
      run_child({"sh", "-c", script}, {}, 20);
    }
    CHECK(leash.all_gone());
  }
}

TEST_CASE("a child that was there before is left alone", "[descendants]") {
  const pid_t earlier = ::fork();
  if (earlier == 0)
    for (;;) ::pause();
  {
    const Descendants mine;
    run_child({"true"}, {}, 20);
  }
  CHECK(::kill(earlier, 0) == 0);
  CHECK(::waitpid(earlier, nullptr, WNOHANG) == 0);
  ::kill(earlier, SIGKILL);
  ::waitpid(earlier, nullptr, 0);
}

#ifndef __SANITIZE_ADDRESS__  // UBSan looks at an exception through a pipe, which takes descriptors
TEST_CASE("without a descriptor to list the children there is no verdict, and none is killed",
          "[descendants]") {
  // In its own process, which takes all descriptors that it may have.
  const pid_t process = ::fork();
  if (process == 0) {
    const rlimit few{64, 64};
    ::setrlimit(RLIMIT_NOFILE, &few);
    while (::open("/dev/null", O_RDONLY) >= 0) {
    }
    int status = 1;
    try {
      const Descendants mine;
    } catch (const NoVerdict&) {
      status = 42;
    }
    ::_exit(status);
  }
  int status = 0;
  ::waitpid(process, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
}
#endif
