// SPDX-License-Identifier: Apache-2.0
#include "gate/os/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "gate/os/interrupt.h"
#include "gate/util/error.h"

namespace perfgate {

namespace {

[[noreturn]] void fail(std::string_view what, const std::filesystem::path& path) {
  throw UsageError(fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(errno)));
}

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : m_fd(fd) {}
  ~Descriptor() {
    if (m_fd >= 0) ::close(m_fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return m_fd; }

 private:
  int m_fd;
};

}  // namespace

namespace {

/// Returns the rest of an open file. Waits for what is slow (a pipe, a terminal) until a signal
/// comes.
std::string read_all(const Descriptor& file, const std::filesystem::path& path,
                     std::size_t longest_bytes) {
  const auto refuse = [&] {
    throw UsageError(
        fmt::format("{}: longer than {} bytes, which is refused", path.string(), longest_bytes));
  };
  struct stat info {};
  if (::fstat(file.get(), &info) < 0) fail("read", path);
  if (S_ISREG(info.st_mode) && static_cast<std::uintmax_t>(info.st_size) > longest_bytes) refuse();
  std::string bytes;
  char buffer[1 << 16];
  for (;;) {
    wait_for_descriptor(file.get(), POLLIN);
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) fail("read", path);
    if (got == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(got));
    if (bytes.size() > longest_bytes) refuse();
  }
}

// Opening a FIFO waits for its other end, and no signal could end that; this does not wait.
constexpr int without_waiting = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

bool is_stdin(const std::filesystem::path& path) {
  return path == "-";
}

int open_to_read(const std::filesystem::path& path, int flags) {
  return is_stdin(path) ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                        : ::open(path.c_str(), O_RDONLY | without_waiting | flags);
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::size_t longest_bytes) {
  const Descriptor file(open_to_read(path, 0));
  if (file.get() < 0) fail("read", path);
  return read_all(file, path, longest_bytes);
}

std::string read_foreign_file(const std::filesystem::path& path, std::size_t longest_bytes) {
  const Descriptor file(open_to_read(path, O_NOFOLLOW));
  if (file.get() < 0) {
    if (errno == ELOOP)
      throw UsageError(
          fmt::format("{} is a link, which is refused: it must be the file itself", path.string()));
    fail("read", path);
  }
  struct stat info {};
  if (::fstat(file.get(), &info) < 0) fail("read", path);
  if (!S_ISREG(info.st_mode) && !is_stdin(path))
    throw UsageError(fmt::format("{} is no regular file, which is refused", path.string()));
  return read_all(file, path, longest_bytes);
}

namespace {

void write_all(const Descriptor& file, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    wait_for_descriptor(file.get(), POLLOUT);
    const ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (put < 0) fail("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

/// Opens what is there already and is no regular file. A FIFO that nobody reads yet is tried again
/// until a reader or a signal comes: no call waits for the one and for the other.
int open_device(const std::filesystem::path& path) {
  constexpr double between_tries_s = 0.05;
  for (;;) {
    const int file = ::open(path.c_str(), O_WRONLY | without_waiting);
    std::error_code none;
    if (file >= 0 || errno != ENXIO || !std::filesystem::is_fifo(path, none)) return file;
    wait_or_interrupt(between_tries_s);
  }
}

/// A file under a temporary name, which is removed unless it got its own.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& beside)
      : m_name(beside.string() + ".XXXXXX"), m_file(::mkostemp(m_name.data(), O_CLOEXEC)) {}
  ~TemporaryFile() {
    if (m_file.get() >= 0 && !m_renamed) ::unlink(m_name.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const Descriptor& file() const { return m_file; }
  bool rename(const std::filesystem::path& to) {
    return m_renamed = ::rename(m_name.c_str(), to.c_str()) == 0;
  }

 private:
  std::string m_name;
  Descriptor m_file;
  bool m_renamed = false;
};

/// Writes into the file that is there, without a moment in which it is replaced.
void write_in_place(const std::filesystem::path& path, std::string_view bytes, int flags) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags));
  if (file.get() < 0) fail("write", path);
  write_all(file, bytes, path);
}

/// Returns where a symbolic link leads to, also where nothing is there yet.
std::filesystem::path link_target(const std::filesystem::path& path) {
  constexpr int most_links = 40;  // as Linux follows them
  std::filesystem::path target = path;
  for (int i = 0; i < most_links && std::filesystem::is_symlink(target); ++i) {
    const std::filesystem::path next = std::filesystem::read_symlink(target);
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  return target;
}

/// Returns the mode for a new file at `path`: that of the file there, else what the umask allows.
mode_t mode_for(const std::filesystem::path& path) {
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0) return there.st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code none;
  const std::filesystem::path target = link_target(path);
  // Asked once: between two questions another gate may remove the file.
  const std::filesystem::file_status there = std::filesystem::status(target, none);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    // This is /dev/null, /dev/stderr or a pipe: a rename would replace it.
    const Descriptor device(open_device(target));
    if (device.get() < 0) fail("write", target);
    write_all(device, bytes, target);
    return;
  }
  TemporaryFile temporary(target);
  if (temporary.file().get() < 0) fail("write", path);
  write_all(temporary.file(), bytes, path);
  // mkstemp makes private files; what perfgate writes is for all users that the umask allows.
  if (::fchmod(temporary.file().get(), mode_for(target)) < 0 || ::fsync(temporary.file().get()) < 0)
    fail("write", path);
  if (temporary.rename(target)) return;
  // A file that is mounted by itself, as `docker run -v FILE:FILE` does, cannot be replaced.
  if (errno != EBUSY) fail("write", path);
  write_in_place(target, bytes, O_TRUNC);
}

void append_file(const std::filesystem::path& path, std::string_view bytes) {
  const Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | without_waiting, 0666));
  if (file.get() < 0) fail("write", path);
  write_all(file, bytes, path);
}

void require_writable(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (::access(folder.c_str(), W_OK | X_OK) < 0) fail("write", path);
  if (std::filesystem::is_directory(path)) {
    errno = EISDIR;
    fail("write", path);
  }
}

bool same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code none;
  return std::filesystem::exists(a, none) && std::filesystem::exists(b, none) &&
         std::filesystem::equivalent(a, b, none);
}

void remove_old(const std::filesystem::path& path) {
  std::error_code none;
  const std::filesystem::path file = link_target(path);
  if (!std::filesystem::is_regular_file(file, none) || ::unlink(file.c_str()) == 0) return;
  // Another gate may have removed it meanwhile, which is as good.
  if (errno != ENOENT && ::truncate(file.c_str(), 0) < 0) fail("write", path);
}

TemporaryDirectory::TemporaryDirectory() {
  const char* set = std::getenv("TMPDIR");
  const std::filesystem::path folder(set && *set ? set : "/tmp");
  std::string name = (folder / "perfgate.XXXXXX").string();
  if (!::mkdtemp(name.data()))
    throw UsageError(fmt::format("cannot make a temporary folder in {}: {}; TMPDIR names another",
                                 folder.string(), std::strerror(errno)));
  m_path = name;
  for (int& spare : m_spares)
    if ((spare = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0) {
      const int reason = errno;
      ::rmdir(name.c_str());  // it could not be emptied later
      for (const int earlier : m_spares)
        if (earlier >= 0) ::close(earlier);
      errno = reason;
      fail("keep a descriptor for", folder);
    }
}

TemporaryDirectory::~TemporaryDirectory() {
  for (const int spare : m_spares)
    if (spare >= 0) ::close(spare);
  std::error_code ignored;  // a leftover in the temp folder is no reason to lose a verdict
  std::filesystem::remove_all(m_path, ignored);
}

std::filesystem::path program_directory() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace perfgate
