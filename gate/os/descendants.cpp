// SPDX-License-Identifier: Apache-2.0
#include "gate/os/descendants.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

#include "gate/util/error.h"

namespace perfgate {

namespace {

/// What can't be killed (it waits in a driver, say) must not hold up the gate for ever.
constexpr std::chrono::seconds longest_wait{5};
constexpr std::chrono::milliseconds between_looks{2};

/// Throws NoVerdict when `error` says that no descriptor is left.
void refuse_shortage(int error) {
  if (error == EMFILE || error == ENFILE)
    throw NoVerdict(fmt::format("cannot list child processes: {}", std::strerror(error)));
}

/// Returns a file of the kernel's; empty where it cannot be read. By system calls alone: this runs
/// where descriptors are short and signals have come.
std::string text_of(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) refuse_shortage(errno);
  if (file < 0) return "";
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t got = 0; (got = ::read(file, part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(got));
  ::close(file);
  return text;
}

/// Returns the children of all threads of this process; none where the kernel does not list them
/// (CONFIG_PROC_CHILDREN). Throws NoVerdict without a descriptor to look with: taken for none, the
/// children of before would be killed later.
std::set<int> children() {
  std::set<int> found;
  std::error_code error;
  std::filesystem::directory_iterator thread("/proc/self/task", error);
  refuse_shortage(error.value());
  for (; thread != std::filesystem::directory_iterator(); thread.increment(error)) {
    const std::string list = text_of(thread->path() / "children");
    const char* const end = list.data() + list.size();
    for (const char* at = list.data(); at != end;) {
      int child = 0;
      const auto [next, wrong] = std::from_chars(at, end, child);
      if (wrong == std::errc()) found.insert(child);
      at = wrong == std::errc() ? next : at + 1;  // numbers with spaces between
    }
  }
  return found;
}

/// The same; none where it can't look.
std::set<int> children_found() {
  try {
    return children();
  } catch (const NoVerdict&) {
    return {};
  }
}

}  // namespace

Descendants::Descendants() : m_before(children()) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

Descendants::~Descendants() {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + longest_wait;
  // The children of what is killed become ours, so this goes on until a look finds none.
  for (bool more = true; more && Clock::now() < end;) {
    more = false;
    for (const int child : children_found()) {
      if (m_before.contains(child)) continue;
      more = true;
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, WNOHANG);
    }
    if (more) std::this_thread::sleep_for(between_looks);
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

}  // namespace perfgate
