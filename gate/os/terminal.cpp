// SPDX-License-Identifier: Apache-2.0
#include "gate/os/terminal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "gate/os/interrupt.h"
#include "gate/util/error.h"
#include "gate/util/text_wrap.h"

namespace perfgate {

void occupy_standard_files() {
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(standard, F_GETFD) < 0)
      // The lowest free number is this one, because those below it are open.
      ::open("/dev/null", standard == STDERR_FILENO ? O_WRONLY : O_RDONLY);
}

Color stdout_color(ColorWhen when) {
  if (when != ColorWhen::automatic) return when == ColorWhen::always ? Color::yes : Color::no;
  const char* refused = std::getenv("NO_COLOR");  // https://no-color.org: any non-empty value
  if (refused && *refused) return Color::no;
  return ::isatty(STDOUT_FILENO) ? Color::yes : Color::no;
}

std::size_t stdout_columns() {
  constexpr unsigned short narrowest = 40;  // a narrower terminal can't be read anyway
  winsize size{};
  if (!::isatty(STDOUT_FILENO) || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
      size.ws_col == 0)
    return default_columns;
  return std::max(size.ws_col, narrowest);
}

void print_text(std::string_view text) {
  print_stdout(wrapped(text, stdout_columns()));
}

void print_lines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) print_text(line + "\n");
}

ProgressLine::ProgressLine(bool quiet) : m_quiet(quiet), m_terminal(::isatty(STDERR_FILENO)) {}

ProgressLine::~ProgressLine() {
  if (!m_quiet && m_terminal) print_stderr("\r\x1b[K");
}

void ProgressLine::show(std::string_view what, int done, int total) {
  if (m_quiet) return;
  if (!m_terminal) {
    print_stderr(fmt::format("process {} of {}: {}\n", done + 1, total, what));
    return;
  }
  if (done <= m_done || total != m_total) {  // another series begins
    m_begin = std::chrono::steady_clock::now();
    m_first = done;
    m_total = total;
  }
  m_done = done;
  const std::chrono::duration<double> past = std::chrono::steady_clock::now() - m_begin;
  print_stderr("\r\x1b[K" + progress_bar(what, done, total, past.count(), done - m_first));
}

std::string progress_bar(std::string_view what, int done, int total, double past_s, int finished) {
  constexpr int width = 30;
  const auto full = static_cast<std::size_t>(width * done / total);
  std::string bar =
      fmt::format("[{:<{}}] {} of {}: {}", std::string(full, '='), width, done + 1, total, what);
  if (finished > 0) bar += fmt::format(", {:.0f} s left", past_s / finished * (total - done));
  return bar;
}

namespace {

// A pipe that poll() calls writable takes this much without waiting (PIPE_BUF).
constexpr std::size_t piece_bytes = 4096;

}  // namespace

void print_stdout(std::string_view text) {
  while (!text.empty()) {
    wait_for_descriptor(STDOUT_FILENO, POLLOUT);
    const ssize_t put = ::write(STDOUT_FILENO, text.data(), std::min(text.size(), piece_bytes));
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (put < 0) throw UsageError(fmt::format("cannot write to stdout: {}", std::strerror(errno)));
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

void print_stderr(std::string_view text) {
  constexpr int patience_ms = 500;  // once a signal has come, nothing may wait for long
  while (!text.empty()) {
    std::array<pollfd, 2> watched{
        {{STDERR_FILENO, POLLOUT, 0}, {interrupted() ? -1 : interrupt_descriptor(), POLLIN, 0}}};
    const int ready = ::poll(watched.data(), watched.size(), interrupted() ? patience_ms : -1);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return;
    if (!watched[0].revents) continue;
    const ssize_t put = ::write(STDERR_FILENO, text.data(), std::min(text.size(), piece_bytes));
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (put < 0) return;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

}  // namespace perfgate
