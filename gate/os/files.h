// The file system, for the shell only.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace perfgate {

/// Reads the whole file. Throws UsageError naming the path and the system's reason.
std::string read_file(const std::filesystem::path& path);
/// The same for a file from outside: a longer one is refused before it is read.
std::string read_file(const std::filesystem::path& path, std::size_t longest_bytes);

/// Writes to a temporary name beside `path`, syncs and renames: a reader sees the old file or the
/// new one, never half of one. A symbolic link is followed, and the mode of a file that is there is
/// kept. A device, a pipe or a mount point cannot be renamed to and is written to as it is. Throws
/// UsageError.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// Appends to a file that other programs write to, too. Throws UsageError.
void append_file(const std::filesystem::path& path, std::string_view bytes);

/// Throws UsageError when no file can be written at `path`.
void require_writable(const std::filesystem::path& path);

/// Whether both paths lead to one file that exists.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Removes the file, or its content where it cannot be removed; a link's target, and neither a
/// device nor a folder. Throws UsageError when the content stays.
void remove_old(const std::filesystem::path& path);

/// A fresh private directory that is removed with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return m_path; }

 private:
  std::filesystem::path m_path;
};

/// The folder of the running program.
std::filesystem::path program_directory();

}  // namespace perfgate
