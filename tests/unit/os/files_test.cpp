// SPDX-License-Identifier: Apache-2.0
#include "gate/os/files.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>

#include "tests/support/catch.h"
#include "tests/support/support.h"

namespace fs = std::filesystem;
using namespace perfgate;

namespace {

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("bytes come back as they were written", "[files]") {
  const TemporaryDirectory folder;
  std::string bytes("\0\xff\r\n", 4);
  bytes.append(300000, 'x');
  write_file(folder.path() / "f", bytes);
  CHECK(read_file(folder.path() / "f") == bytes);
  write_file(folder.path() / "f", "short");
  CHECK(read_file(folder.path() / "f") == "short");
  write_file(folder.path() / "f", "");
  CHECK(read_file(folder.path() / "f").empty());
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("what can't be read is named with the reason", "[files]") {
  const TemporaryDirectory folder;
  const fs::path none = folder.path() / "none";
  CHECK(error_of<UsageError>([&] { read_file(none); }) ==
        "cannot read " + none.string() + ": No such file or directory");
  CHECK_THAT(error_of<UsageError>([&] { read_file(folder.path()); }),
             ContainsSubstring("Is a directory"));
}

TEST_CASE("what can't be written is named, and nothing is left behind", "[files]") {
  const TemporaryDirectory folder;
  CHECK_THAT(error_of<UsageError>([&] { write_file(folder.path() / "none" / "f", "x"); }),
             ContainsSubstring("cannot write") && ContainsSubstring("No such file or directory"));
  // Root may write to a folder without the bit; not even root can write below a file.
  write_file(folder.path() / "file", "x");
  CHECK_THAT(error_of<UsageError>([&] { write_file(folder.path() / "file" / "f", "x"); }),
             ContainsSubstring("Not a directory"));
  fs::create_directory(folder.path() / "folder");
  CHECK_THROWS_AS(write_file(folder.path() / "folder", "x"), UsageError);
  CHECK(entries(folder.path()) == 2);
}

TEST_CASE("a full disk leaves the old file alone", "[files]") {
  const TemporaryDirectory folder;
  const fs::path file = folder.path() / "f";
  write_file(file, "old");
  // A file-size limit acts as a full disk that a test can make; without SIGXFSZ it is EFBIG.
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit { 4096, 4096 };
    ::setrlimit(RLIMIT_FSIZE, &limit);
    bool refused = false;
    try {
      write_file(file, std::string(100000, 'x'));
    } catch (const UsageError&) {
      refused = true;
    }
    ::_exit(refused ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(read_file(file) == "old");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("a written file has the umask's permissions, not a private file's", "[files]") {
  const TemporaryDirectory folder;
  const mode_t before = ::umask(022);
  write_file(folder.path() / "f", "x");
  CHECK(::umask(before) == 022);
  struct stat found {};
  REQUIRE(::stat((folder.path() / "f").c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0644);
}

TEST_CASE("a reader of the old file keeps it: the name is replaced, not the bytes", "[files]") {
  const TemporaryDirectory folder;
  write_file(folder.path() / "f", "old");
  const int reader = ::open((folder.path() / "f").c_str(), O_RDONLY | O_CLOEXEC);
  write_file(folder.path() / "f", "new!");
  char bytes[8] = {};
  CHECK(::read(reader, bytes, sizeof bytes) == 3);
  CHECK(std::string(bytes) == "old");
  ::close(reader);
}

TEST_CASE("an old file that two remove at once is removed", "[files]") {
  const TemporaryDirectory folder;
  const fs::path file = folder.path() / "result.json";
  std::atomic<int> ready = 0;
  for (int i = 0; i < 300; ++i) {
    std::ofstream(file) << "old";
    ready = 0;
    const auto remove = [&] {
      for (++ready; ready < 2;) {
      }
      remove_old(file);
    };
    auto other = std::async(std::launch::async, remove);
    CHECK_NOTHROW(remove());
    CHECK_NOTHROW(other.get());
    CHECK_FALSE(fs::exists(file));
  }
}

TEST_CASE("a pipe or a device is written to, never replaced by a file", "[files]") {
  // `--json /dev/null` by root would otherwise take /dev/null away from the whole machine.
  const TemporaryDirectory folder;
  const fs::path pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = ::open(pipe.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  write_file(pipe, "hello");
  char bytes[8] = {};
  const ssize_t got = ::read(reader, bytes, sizeof bytes);
  ::close(reader);
  CHECK(fs::is_fifo(pipe));
  CHECK(got == 5);
}

TEST_CASE("a temporary folder is private and goes with all that is in it", "[files]") {
  fs::path path;
  {
    const TemporaryDirectory folder;
    path = folder.path();
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0700);
    fs::create_directories(path / "a" / "b");
    write_file(path / "a" / "b" / "c", "x");
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a file from outside must be a regular one, and no link", "[files]") {
  const TemporaryDirectory folder;
  const fs::path file = folder.path() / "f", other = folder.path() / "other";
  write_file(file, "bytes");
  CHECK(read_foreign_file(file, 5) == "bytes");
  CHECK_THAT(error_of<UsageError>([&] { read_foreign_file(file, 4); }),
             EndsWith("longer than 4 bytes, which is refused"));
  fs::create_symlink(file, other);
  CHECK(read_file(other) == "bytes");
  CHECK(error_of<UsageError>([&] { read_foreign_file(other, 5); }) ==
        other.string() + " is a link, which is refused: it must be the file itself");
  for (const fs::path& target : {fs::path("/dev/zero"), fs::path("/none")}) {
    fs::remove(other);
    fs::create_symlink(target, other);
    CHECK_THAT(error_of<UsageError>([&] { read_foreign_file(other, 5); }),
               ContainsSubstring("is a link"));
  }
  fs::remove(other);
  REQUIRE(::mkfifo(other.c_str(), 0600) == 0);
  for (const fs::path& none : {other, folder.path(), fs::path("/dev/zero")})
    CHECK_THAT(error_of<UsageError>([&] { read_foreign_file(none, 5); }),
               EndsWith("is no regular file, which is refused"));
}

TEST_CASE("what has no end is refused at the limit, a long file before it is read", "[files]") {
  CHECK_THAT(error_of<UsageError>([&] { read_file("/dev/zero", 1 << 20); }),
             EndsWith("longer than 1048576 bytes, which is refused"));
  const TemporaryDirectory folder;
  const fs::path sparse = folder.path() / "sparse";
  write_file(sparse, "");
  fs::resize_file(sparse, std::uintmax_t{1} << 40U);
  CHECK_THAT(error_of<UsageError>([&] { read_file(sparse); }),
             EndsWith("longer than 268435456 bytes, which is refused"));
}

TEST_CASE("a temporary folder goes away though no descriptor is left", "[files]") {
  std::string left = (fs::temp_directory_path() / "perfgate-descriptors.XXXXXX").string();
  REQUIRE(::mkdtemp(left.data()));
  // In its own process, which has few descriptors and takes all of them.
  const pid_t process = ::fork();
  if (process == 0) {
    ::setenv("TMPDIR", left.c_str(), 1);
    int status = 1;
    {
      const TemporaryDirectory folder;
      write_file(folder.path() / "f", "x");
      const rlimit few{64, 64};
      ::setrlimit(RLIMIT_NOFILE, &few);
      while (::open("/dev/null", O_RDONLY) >= 0) {
      }
      status = errno == EMFILE && fs::exists(folder.path()) ? 42 : 1;
    }
    ::_exit(status);
  }
  int status = 0;
  ::waitpid(process, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  CHECK(entries(left) == 0);
  fs::remove_all(left);
}

TEST_CASE("a folder for temporary files that is not there is named", "[files]") {
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before ? before : "";
  ::setenv("TMPDIR", "/none", 1);
  CHECK(error_of<UsageError>([] { TemporaryDirectory(); }) ==
        "cannot make a temporary folder in /none: No such file or directory; TMPDIR names another");
  if (before)
    ::setenv("TMPDIR", kept.c_str(), 1);
  else
    ::unsetenv("TMPDIR");
}
