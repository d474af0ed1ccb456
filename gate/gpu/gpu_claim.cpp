// SPDX-License-Identifier: Apache-2.0
#include "gate/gpu/gpu_claim.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "gate/util/error.h"

namespace perfgate {

namespace {

ClaimNote read_note(int file) {
  std::array<char, 256> buffer{};
  const ssize_t got = ::pread(file, buffer.data(), buffer.size() - 1, 0);
  ClaimNote note;
  if (got <= 0) return note;
  int sm = 0, memory = 0;
  std::sscanf(buffer.data(), "pid %d sm_mhz %d memory_mhz %d", &note.pid, &sm, &memory);
  if (sm > 0) note.sm_mhz = sm;
  if (memory > 0) note.memory_mhz = memory;
  return note;
}

/// The lock belongs to the open file, not to the process: a forked guardian shares it, and it ends
/// with the last of the two.
struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// Whether it is a file of ours to write to. In a folder that all users write to, the name could be
/// a second one of another file.
bool is_plain(int file) {
  struct stat info {};
  return ::fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink <= 1;
}

/// Opens the file or creates it for all users. It never does both in one call: Linux refuses
/// O_CREAT on another user's file in /tmp (fs.protected_regular).
int open_claim(const std::string& path) {
  for (int attempt = 0; attempt < 10; ++attempt) {
    int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file >= 0 || errno != ENOENT) return file;
    file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file >= 0) {
      ::fchmod(file, 0666);
      return file;
    }
    if (errno != EEXIST) return file;
  }
  return -1;
}

}  // namespace

std::filesystem::path claim_file(const std::string& uuid) {
  const char* folder = std::getenv("PERFGATE_STATE_DIR");
  return std::filesystem::path(folder && *folder ? folder : "/tmp") / ("perfgate-gpu-" + uuid);
}

std::optional<ClaimState> inspect_claim(const std::string& uuid) {
  const int file = ::open(claim_file(uuid).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return std::nullopt;
  ClaimState state{read_note(file), false};
  struct flock lock = whole_file();
  state.held = ::fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  return state;
}

GpuClaim::GpuClaim(const std::string& uuid) {
  const std::string path = claim_file(uuid).string();
  m_file = open_claim(path);
  if (m_file < 0)
    throw NoVerdict(fmt::format("cannot claim the GPU with {}: {}", path, std::strerror(errno)));
  if (!is_plain(m_file)) {
    ::close(m_file);
    throw NoVerdict(fmt::format(
        "cannot claim the GPU with {}: it is no regular file, or has a second name; remove it",
        path));
  }
  m_found = read_note(m_file);
  struct flock lock = whole_file();
  if (::fcntl(m_file, F_OFD_SETLK, &lock) < 0) {
    ::close(m_file);
    throw NoVerdict(
        fmt::format("another perfgate (process {}) is measuring on GPU {}; wait for it, or choose "
                    "another GPU with --gpu or CUDA_VISIBLE_DEVICES",
                    m_found.pid, uuid));
  }
  try {
    // Clocks that a dead run left locked stay on record until they are restored.
    announce({::getpid(), m_found.sm_mhz, m_found.memory_mhz});
  } catch (const NoVerdict&) {
    ::close(m_file);
    throw;
  }
}

GpuClaim::~GpuClaim() {
  ::close(m_file);
}

void GpuClaim::announce(const ClaimNote& note) const {
  const std::string text = fmt::format("pid {}\nsm_mhz {}\nmemory_mhz {}\n", note.pid,
                                       note.sm_mhz.value_or(0), note.memory_mhz.value_or(0));
  if (::ftruncate(m_file, 0) < 0 ||
      ::pwrite(m_file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    throw NoVerdict(fmt::format("cannot write the GPU's claim file: {}", std::strerror(errno)));
}

}  // namespace perfgate
