#include "gate/os/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

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

std::string read_file(const std::filesystem::path& path) {
  return read_file(path, std::string().max_size());
}

std::string read_file(const std::filesystem::path& path, std::size_t longest_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail("read", path);
  std::string bytes;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read", path);
    if (got == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(got));
    if (bytes.size() > longest_bytes)
      throw UsageError(
          fmt::format("{}: longer than {} bytes, which is refused", path.string(), longest_bytes));
  }
}

namespace {

void write_all(const Descriptor& file, std::string_view bytes, const auto& give_up) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) give_up();
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

}  // namespace

namespace {

/// Writes into the file that is there, without a moment in which it is replaced.
void write_in_place(const std::filesystem::path& path, std::string_view bytes, int flags) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags));
  if (file.get() < 0) fail("write", path);
  write_all(file, bytes, [&] { fail("write", path); });
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

void write_file(const std::filesystem::path& to, std::string_view bytes) {
  std::error_code none;
  const std::filesystem::path path = link_target(to);
  if (std::filesystem::exists(path, none) && !std::filesystem::is_regular_file(path, none)) {
    // This is /dev/null, /dev/stderr or a pipe: a rename would replace it.
    write_in_place(path, bytes, 0);
    return;
  }
  std::string temporary = path.string() + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) fail("write", to);
  const auto give_up = [&] {
    const int reason = errno;
    ::unlink(temporary.c_str());
    errno = reason;
    fail("write", to);
  };
  write_all(file, bytes, give_up);
  // mkstemp makes private files; what perfgate writes is for all users that the umask allows.
  if (::fchmod(file.get(), mode_for(path)) < 0 || ::fsync(file.get()) < 0) give_up();
  if (::rename(temporary.c_str(), path.c_str()) == 0) return;
  // A file that is mounted by itself, as `docker run -v FILE:FILE` does, cannot be replaced.
  if (errno != EBUSY) give_up();
  ::unlink(temporary.c_str());
  write_in_place(path, bytes, O_TRUNC);
}

void append_file(const std::filesystem::path& path, std::string_view bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
  if (file.get() < 0) fail("write", path);
  write_all(file, bytes, [&] { fail("write", path); });
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
  if (::truncate(file.c_str(), 0) < 0) fail("write", path);
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "perfgate.XXXXXX").string();
  if (!::mkdtemp(name.data())) fail("make a temporary folder", name);
  m_path = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;  // a leftover in the temp folder is no reason to lose a verdict
  std::filesystem::remove_all(m_path, ignored);
}

std::filesystem::path program_directory() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace perfgate
