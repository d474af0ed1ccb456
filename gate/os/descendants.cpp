// SPDX-License-Identifier: Apache-2.0
#include "gate/os/descendants.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace perfgate {

namespace {

/// What can't be killed (it waits in a driver, say) must not hold up the gate for ever.
constexpr std::chrono::seconds longest_wait{5};
constexpr std::chrono::milliseconds between_looks{2};

/// Returns the children of all threads of this process; none where the kernel does not list them
/// (CONFIG_PROC_CHILDREN).
std::set<int> children() {
  std::set<int> found;
  std::error_code none;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", none)) {
    std::ifstream list(thread.path() / "children");
    for (int child = 0; list >> child;) found.insert(child);
  }
  return found;
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
    for (const int child : children()) {
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
