// SPDX-License-Identifier: Apache-2.0
#include "gate/gpu/clock_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>

#include "gate/util/error.h"

namespace perfgate {

namespace {

// What the gate tells its guardian before it locks a clock, and after a lock was refused.
constexpr char sm_locked = 'S', sm_refused = 's', memory_locked = 'M', memory_refused = 'm';

constexpr std::string_view restore_by_hand = "restore them with `nvidia-smi -rgc` and `-rmc`";

/// Closes all files but the standard three, the pipe and the claim: a program that waits for the
/// end of a file would wait as long as the guardian holds it open.
void keep_only(int pipe, int claim) {
  const int null = ::open("/dev/null", O_RDWR);
  for (const int standard : {0, 1, 2})
    if (standard != pipe && standard != claim) ::dup2(null, standard);
  const auto [low, high] = std::minmax(pipe, claim);
  const auto close_from_to = [](int first, int last) {
    if (first <= last) ::close_range(static_cast<unsigned>(first), static_cast<unsigned>(last), 0);
  };
  close_from_to(3, low - 1);
  close_from_to(std::max(3, low + 1), high - 1);
  close_from_to(std::max(3, high + 1), INT_MAX);
}

/// The guardian's whole life. It ends with _exit, so that nothing of the gate is torn down twice.
[[noreturn]] void guard(const std::string& uuid, int pipe, const GpuClaim& claim) {
  bool sm = false, memory = false;
  for (;;) {
    char word = 0;
    const ssize_t got = ::read(pipe, &word, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    if (word == sm_locked || word == sm_refused) sm = word == sm_locked;
    if (word == memory_locked || word == memory_refused) memory = word == memory_locked;
  }
  if ((sm || memory) && !restore_clocks(uuid, sm, memory)) ::_exit(1);
  // Nothing is locked any more, and the file has to say so before the claim ends.
  try {
    claim.announce({::getpid(), std::nullopt, std::nullopt});
  } catch (const std::exception&) {
    ::_exit(1);
  }
  ::_exit(0);
}

std::optional<int> default_mhz(const Nvml& nvml, NvmlDevice device, NvmlClock clock) {
  const auto mhz =
      nvml.number<unsigned>("nvmlDeviceGetDefaultApplicationsClock", device, int{clock});
  if (!mhz || *mhz == 0) return std::nullopt;
  return static_cast<int>(*mhz);
}

/// Fills in what the config leaves open. It opens the driver and closes it again, because the
/// driver must not be open across the fork.
LockedClocks complete(LockedClocks wanted, const NvmlGpu& gpu) {
  const Nvml nvml;
  NvmlDevice device = nvml.device(gpu.uuid);
  if (!device) throw NoVerdict(fmt::format("the driver does not find GPU {}", gpu.uuid));
  if (!wanted.sm_mhz) wanted.sm_mhz = default_mhz(nvml, device, nvml_clock_graphics);
  if (!wanted.memory_mhz) wanted.memory_mhz = default_mhz(nvml, device, nvml_clock_memory);
  if (!wanted.sm_mhz)
    throw UsageError(
        fmt::format("which clocks to lock is not known for {}: the driver has no default for it; "
                    "set lock_sm_mhz and lock_mem_mhz in its file in configs/gpus/",
                    gpu.name));
  return wanted;
}

}  // namespace

bool restore_clocks(const std::string& uuid, bool sm, bool memory) {
  const Nvml nvml;
  NvmlDevice device = nvml.device(uuid);
  if (!device) return false;
  const bool sm_free = !sm || nvml.call("nvmlDeviceResetGpuLockedClocks", device);
  const bool memory_free = !memory || nvml.call("nvmlDeviceResetMemoryLockedClocks", device);
  return sm_free && memory_free;
}

ClockLock::ClockLock(const NvmlGpu& gpu, const LockedClocks& wanted, const GpuClaim& claim)
    : m_uuid(gpu.uuid), m_claim(claim) {
  const LockedClocks clocks = complete(wanted, gpu);
  // A pair of sockets serves as the pipe: writing to a dead guardian must not raise SIGPIPE.
  std::array<int, 2> pipe{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pipe.data()) < 0)
    throw NoVerdict(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  // Until the guardian ignores them, signals to the whole group must not reach it.
  sigset_t all, before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, &before);
  m_guardian = ::fork();
  if (m_guardian == 0) {
    ::setsid();
    ::prctl(PR_SET_NAME, "perfgate-guard");
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(signal, SIG_IGN);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    ::close(pipe[1]);
    keep_only(pipe[0], claim.file());
    guard(m_uuid, pipe[0], claim);
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::close(pipe[0]);
  m_pipe = pipe[1];
  if (m_guardian < 0) {
    ::close(m_pipe);
    throw NoVerdict(fmt::format("cannot fork: {}", std::strerror(errno)));
  }
  try {
    lock(clocks);
  } catch (...) {
    release();
    throw;
  }
}

void ClockLock::tell(char word) const {
  if (::send(m_pipe, &word, 1, MSG_NOSIGNAL) != 1)
    throw NoVerdict("the guardian of the clocks is gone");
}

void ClockLock::lock(const LockedClocks& wanted) {
  m_nvml.emplace();
  NvmlDevice device = m_nvml->device(m_uuid);
  // The lock is announced before it is done: if the gate is killed in between, the guardian resets
  // one clock too many, which is harmless, and not one too few.
  const auto lock_one = [&](const char* function, int mhz, char before, char refused) {
    tell(before);
    const auto value = static_cast<unsigned>(mhz);
    const int status = m_nvml->status(function, device, value, value);
    if (status != nvml_success) tell(refused);
    if (status == nvml_no_permission)
      throw NoVerdict(
          "locking clocks is not permitted: run as root (sudo), or let an administrator lock them "
          "(nvidia-smi -lgc, -lmc) and use clocks = \"verify\"");
    return status;
  };
  m_claim.announce({::getpid(), wanted.sm_mhz, wanted.memory_mhz});
  if (const int status =
          lock_one("nvmlDeviceSetGpuLockedClocks", *wanted.sm_mhz, sm_locked, sm_refused))
    throw NoVerdict(fmt::format("the driver does not lock the SM clock to {} MHz (NVML error {})",
                                *wanted.sm_mhz, status));
  m_clocks.sm_mhz = wanted.sm_mhz;
  if (!wanted.memory_mhz) return;
  const int status = lock_one("nvmlDeviceSetMemoryLockedClocks", *wanted.memory_mhz, memory_locked,
                              memory_refused);
  // A GPU without a lock for its memory clock has only one such clock under load; whether it holds
  // is checked as for the SM clock.
  if (status == nvml_success)
    m_clocks.memory_mhz = wanted.memory_mhz;
  else if (status != nvml_not_supported && status != nvml_function_not_found)
    throw NoVerdict(
        fmt::format("the driver does not lock the memory clock to {} MHz (NVML error "
                    "{})",
                    *wanted.memory_mhz, status));
}

std::string ClockLock::release() {
  if (m_guardian < 0) return "";
  ::close(m_pipe);
  int status = 0;
  while (::waitpid(m_guardian, &status, 0) < 0 && errno == EINTR) {
  }
  m_guardian = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  // The guardian was killed, or the driver refused: try once more from here, then ask the user to
  // do it by hand.
  if (restore_clocks(m_uuid, m_clocks.sm_mhz.has_value(), m_clocks.memory_mhz.has_value())) try {
      m_claim.announce({::getpid(), std::nullopt, std::nullopt});
      return "";
    } catch (const NoVerdict& error) {
      return error.what();
    }
  return fmt::format("the clocks of GPU {} could not be restored: {}", m_uuid, restore_by_hand);
}

}  // namespace perfgate
