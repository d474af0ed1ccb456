#include "gate/os/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

#include "gate/github/workflow_commands.h"
#include "gate/util/error.h"

namespace perfgate {

Color stdout_color(ColorWhen when) {
  if (when != ColorWhen::automatic) return when == ColorWhen::always ? Color::yes : Color::no;
  const char* refused = std::getenv("NO_COLOR");  // https://no-color.org: any non-empty value
  if (refused && *refused) return Color::no;
  return ::isatty(STDOUT_FILENO) ? Color::yes : Color::no;
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

std::string for_actions_log(std::string_view text) {
  const char* actions = std::getenv("GITHUB_ACTIONS");
  if (!actions || std::string_view(actions) != "true") return std::string(text);
  std::random_device random;
  return fenced(text,
                fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random()));
}

void print_stdout(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw UsageError(fmt::format("cannot write to stdout: {}", std::strerror(errno)));
}

void print_stderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace perfgate
