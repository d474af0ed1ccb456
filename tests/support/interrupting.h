// SPDX-License-Identifier: Apache-2.0
// Ends a wait by a signal, in a process of its own: signal handlers stay installed.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <stdexcept>

#include "gate/os/interrupt.h"

/// Runs `wait` in a child process, sends it `signal` once its handlers are installed, and returns
/// whether that ended the wait with Interrupted. What never ends is killed by an alarm after 20 s.
inline bool is_ended_by(int signal, const std::function<void()>& wait) {
  std::array<int, 2> ready{};
  if (::pipe(ready.data()) < 0) throw std::runtime_error("cannot make a pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);
    int status = 1;
    try {
      perfgate::catch_interrupts();
      if (::write(ready[1], "!", 1) == 1) wait();
    } catch (const perfgate::Interrupted&) {
      status = 42;
    } catch (...) {
      status = 2;
    }
    ::_exit(status);
  }
  ::close(ready[1]);
  char byte;
  const bool started = ::read(ready[0], &byte, 1) == 1;
  ::close(ready[0]);
  ::kill(child, signal);
  int status = 0;
  ::waitpid(child, &status, 0);
  return started && WIFEXITED(status) && WEXITSTATUS(status) == 42;
}
