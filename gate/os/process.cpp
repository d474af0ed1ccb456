// SPDX-License-Identifier: Apache-2.0
#include "gate/os/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <limits>

#include "gate/util/error.h"

namespace perfgate {

namespace {

[[noreturn]] void fail(std::string_view what) {
  throw NoVerdict(fmt::format("{}: {}", what, std::strerror(errno)));
}

/// Keeps the beginning (what it was about) and the end (why it died) of a log.
class Log {
 public:
  void append(std::string_view text) {
    const std::size_t room = part - std::min(part, m_head.size());
    m_head.append(text.substr(0, room));
    if (text.size() > room) m_tail.append(text.substr(room));
    if (m_tail.size() > 2 * part) {
      m_cut = true;
      m_tail.erase(0, m_tail.size() - part);
    }
  }
  std::string take() {
    if (m_tail.size() > part) {
      m_cut = true;
      m_tail.erase(0, m_tail.size() - part);
    }
    return m_head + (m_cut ? "\n... (log cut) ...\n" : "") + m_tail;
  }

 private:
  static constexpr std::size_t part = 32 << 10;
  std::string m_head, m_tail;
  bool m_cut = false;
};

constexpr int enough_interval_ms = 20;
constexpr double grace_s = 5;  // from the polite signal to the other one

/// A running child. The destructor kills it with its whole group and reaps it.
class Child {
 public:
  Child(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
        const std::string& folder);
  ~Child() {
    if (m_pid > 0) {
      ::kill(-m_pid, SIGKILL);
      int status;
      ::waitpid(m_pid, &status, 0);
    }
    for (const int fd : {m_output, m_pidfd})
      if (fd >= 0) ::close(fd);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return m_pid; }
  int output() const { return m_output; }
  int pidfd() const { return m_pidfd; }
  int wait() {
    int status = 0;
    ::waitpid(m_pid, &status, 0);
    ::kill(-m_pid, SIGKILL);  // what it may have left running in its group
    m_pid = -1;
    return status;
  }
  void kill() { ::kill(-m_pid, SIGKILL); }
  void terminate() { ::kill(-m_pid, SIGTERM); }

 private:
  pid_t m_pid = -1;
  int m_output = -1, m_pidfd = -1;
};

/// Returns pointers to the texts, with a null behind them, as exec wants them.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

Child::Child(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
             const std::string& folder) {
  std::array<int, 2> output{}, started{};
  if (::pipe2(output.data(), O_CLOEXEC) < 0) fail("cannot make a pipe");
  if (::pipe2(started.data(), O_CLOEXEC) < 0) {
    const int reason = errno;
    for (const int end : output) ::close(end);
    errno = reason;
    fail("cannot make a pipe");
  }
  // Everything that allocates comes before the fork.
  const std::vector<char*> argv = pointers(arguments), variables = pointers(environment);
  const pid_t parent = ::getpid();
  m_pid = ::fork();
  if (m_pid < 0) fail("cannot fork");
  if (m_pid == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, 0);
    ::dup2(output[1], 1);
    ::dup2(output[1], 2);
    forget_interrupts();
    if (folder.empty() || ::chdir(folder.c_str()) == 0)
      ::execvpe(argv[0], argv.data(), variables.data());
    const int reason = errno;
    [[maybe_unused]] const ssize_t ignored = ::write(started[1], &reason, sizeof reason);
    ::_exit(127);
  }
  ::setpgid(m_pid, m_pid);
  m_output = output[0];
  // glibc 2.36's pidfd_open has no C linkage in its header.
  m_pidfd = static_cast<int>(::syscall(SYS_pidfd_open, m_pid, 0));
  ::close(output[1]);
  ::close(started[1]);
  // exec closes this pipe; a reason in it says that exec failed.
  int reason = 0;
  const ssize_t got = ::read(started[0], &reason, sizeof reason);
  ::close(started[0]);
  if (got == sizeof reason) {
    wait();
    errno = reason;
    ::close(m_output);
    ::close(m_pidfd);
    fail(fmt::format("cannot start {}{}{}", arguments[0], folder.empty() ? "" : " in ", folder));
  }
  if (m_pidfd < 0) {
    const int why = errno;
    kill();
    wait();
    ::close(m_output);
    errno = why;
    fail("cannot watch a child process");
  }
}

}  // namespace

ChildResult run_child(const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment, double timeout_s,
                      const std::function<void(int)>& started, ChildKind kind,
                      const std::function<bool()>& enough, const std::string& folder) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const auto elapsed_s = [&] {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  throw_if_interrupted();
  Child child(arguments, child_environment(kind, environment), folder);
  if (started) started(child.pid());
  ChildResult result;
  Log log;
  const auto drain = [&] {
    char buffer[1 << 14];
    const ssize_t got = ::read(child.output(), buffer, sizeof buffer);
    if (got > 0) log.append({buffer, static_cast<std::size_t>(got)});
    return got > 0;
  };
  bool open = true, killed = false;
  double kill_at_s = std::numeric_limits<double>::infinity();
  for (;;) {
    std::array<pollfd, 3> watched{{{child.pidfd(), POLLIN, 0},
                                   {interrupt_descriptor(), POLLIN, 0},
                                   {open ? child.output() : -1, POLLIN, 0}}};
    const double left_s = std::min(timeout_s, kill_at_s) - elapsed_s();
    // After the kill there is no time limit left: this waits for the child's end or an interrupt.
    int wait_ms = killed ? -1 : std::max(0, static_cast<int>(std::min(left_s, 1e6) * 1e3));
    if (enough && !result.ended_early && !killed) wait_ms = std::min(wait_ms, enough_interval_ms);
    const int ready = ::poll(watched.data(), watched.size(), wait_ms);
    if (ready < 0 && errno != EINTR) fail("cannot wait for a child process");
    if (ready < 0) continue;
    throw_if_interrupted();
    if (watched[2].revents) open = drain();
    if (watched[0].revents) break;
    if (enough && !result.ended_early && !killed && enough()) {
      result.ended_early = true;
      kill_at_s = elapsed_s() + grace_s;
      child.terminate();
    }
    if (elapsed_s() >= std::min(timeout_s, kill_at_s) && !killed) {
      result.timed_out = !result.ended_early;
      killed = true;
      child.kill();
    }
  }
  // The child's last output is still in the pipe. A grandchild that holds the pipe open can't stall
  // the gate.
  child.kill();
  ::fcntl(child.output(), F_SETFL, O_NONBLOCK);
  while (drain()) {
  }
  const int status = child.wait();
  result.wall_s = elapsed_s();
  result.log = log.take();
  if (WIFSIGNALED(status))
    result.signal = WTERMSIG(status);
  else
    result.exit_status = WEXITSTATUS(status);
  return result;
}

std::string describe(const ChildResult& result) {
  if (result.timed_out) return fmt::format("was killed after {:.0f} s", result.wall_s);
  if (result.signal) {
    const char* name = ::sigabbrev_np(result.signal);
    return fmt::format("was killed by SIG{}", name ? name : fmt::to_string(result.signal).c_str());
  }
  return fmt::format("exited with status {}", result.exit_status);
}

}  // namespace perfgate
