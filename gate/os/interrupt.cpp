// SPDX-License-Identifier: Apache-2.0
#include "gate/os/interrupt.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include "gate/util/error.h"

namespace perfgate {

namespace {

constexpr std::array ending_signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
constexpr std::array ignored_signals{SIGPIPE, SIGXFSZ};

// The handler may only do what is safe in a signal: it writes one byte here, and poll() sees it.
std::array<int, 2> interrupt_pipe{-1, -1};
volatile std::sig_atomic_t first_signal = 0;

void on_signal(int signal) {
  const int saved = errno;
  if (first_signal == 0) first_signal = signal;
  [[maybe_unused]] const ssize_t ignored = ::write(interrupt_pipe[1], "!", 1);
  errno = saved;
}

}  // namespace

void catch_interrupts() {
  if (interrupt_pipe[0] >= 0) return;
  if (::pipe2(interrupt_pipe.data(), O_CLOEXEC | O_NONBLOCK) < 0)
    throw NoVerdict(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (const int signal : ending_signals) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    if (signal == SIGHUP && before.sa_handler == SIG_IGN) continue;
    ::sigaction(signal, &action, nullptr);
  }
  for (const int signal : ignored_signals) ::signal(signal, SIG_IGN);
}

void forget_interrupts() {
  for (const int signal : ignored_signals) ::signal(signal, SIG_DFL);
}

int interrupt_descriptor() {
  return interrupt_pipe[0];
}

bool interrupted() {
  return first_signal != 0;
}

void throw_if_interrupted() {
  if (first_signal == 0) return;
  const char* name = ::sigabbrev_np(first_signal);
  throw Interrupted(fmt::format("interrupted by SIG{}", name ? name : "?"));
}

void wait_or_interrupt(double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (;;) {
    throw_if_interrupted();
    const double left_s = std::chrono::duration<double>(end - Clock::now()).count();
    if (left_s <= 0) return;
    pollfd watched{interrupt_pipe[0], POLLIN, 0};
    ::poll(&watched, 1, static_cast<int>(std::min(left_s * 1e3, 1e6)) + 1);
  }
}

void wait_for_descriptor(int descriptor, short events) {
  for (;;) {
    throw_if_interrupted();
    std::array<pollfd, 2> watched{{{descriptor, events, 0}, {interrupt_pipe[0], POLLIN, 0}}};
    // What poll() refuses, read() and write() will explain.
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    if (watched[0].revents) return;
  }
}

}  // namespace perfgate
