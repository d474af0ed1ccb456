// SPDX-License-Identifier: Apache-2.0
#include "gate/os/interrupt.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "gate/os/files.h"
#include "gate/os/process.h"
#include "gate/os/terminal.h"
#include "gate/util/json_object.h"
#include "tests/support/catch.h"
#include "tests/support/interrupting.h"

using namespace perfgate;

namespace {

std::string fifo_in(const TemporaryDirectory& folder) {
  const std::string path = (folder.path() / "fifo").string();
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  return path;
}

}  // namespace

TEST_CASE("each of the four signals ends a wait", "[interrupt]") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    INFO(signal);
    CHECK(is_ended_by(signal, [] { wait_or_interrupt(1000); }));
    CHECK(is_ended_by(signal, [] { run_child({"sleep", "1000"}, {}, 1000); }));
  }
}

TEST_CASE("the signal is named", "[interrupt]") {
  CHECK(is_ended_by(SIGHUP, [] {
    try {
      wait_or_interrupt(1000);
    } catch (const Interrupted& error) {
      if (std::string(error.what()) == "interrupted by SIGHUP") throw;
    }
  }));
}

TEST_CASE("a signal that came before the wait ends it, and every later one", "[interrupt]") {
  CHECK(is_ended_by(SIGTERM, [] {
    try {
      wait_or_interrupt(1000);
    } catch (const Interrupted&) {
    }
    wait_or_interrupt(1000);
  }));
}

TEST_CASE("reading and writing a FIFO without another end is ended", "[interrupt]") {
  const TemporaryDirectory folder;
  const std::string fifo = fifo_in(folder);
  CHECK(is_ended_by(SIGINT, [&] { read_file(fifo); }));
  CHECK(is_ended_by(SIGTERM, [&] { write_file(fifo, "x"); }));
  // An end that is open, but silent or full.
  const int both = ::open(fifo.c_str(), O_RDWR);
  CHECK(is_ended_by(SIGINT, [&] { read_file(fifo); }));
  CHECK(is_ended_by(SIGTERM, [&] { write_file(fifo, std::string(1 << 20, 'x')); }));
  ::close(both);
}

TEST_CASE("printing into a pipe that nobody empties is ended", "[interrupt]") {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  CHECK(is_ended_by(SIGTERM, [&] {
    ::dup2(pipe[1], STDOUT_FILENO);
    print_stdout(std::string(1 << 20, 'x'));
  }));
  // stderr gives up instead: the error line of the signal itself goes there.
  CHECK(is_ended_by(SIGTERM, [&] {
    ::dup2(pipe[1], STDERR_FILENO);
    print_stderr(std::string(1 << 20, 'x'));
    print_stderr("perfgate: error: interrupted\n");
    throw_if_interrupted();
  }));
  for (const int end : pipe) ::close(end);
}

TEST_CASE("parsing is ended", "[interrupt]") {
  CHECK(is_ended_by(SIGINT, [] {
    call_while_parsing(throw_if_interrupted);
    std::string text = "[0";
    for (int i = 0; i < 100000; ++i) text += ",0";
    text += ']';
    for (;;) parse_json(text, "x");
  }));
}

TEST_CASE("a child gets its signals as they were, and a write to a closed pipe is an error",
          "[interrupt]") {
  const pid_t process = ::fork();
  if (process == 0) {
    catch_interrupts();
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) < 0) ::_exit(1);
    ::close(pipe[0]);
    if (::write(pipe[1], "x", 1) != -1 || errno != EPIPE) ::_exit(2);
    // `yes` ends by SIGPIPE, 128 + 13; ignoring it, it would report the error and return 1.
    const ChildResult child =
        run_child({"bash", "-c", "yes | head -n 1; echo ${PIPESTATUS[0]}"}, {}, 20);
    ::_exit(child.log == "y\n141\n" ? 42 : 3);
  }
  int status = 0;
  ::waitpid(process, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
}
