// SPDX-License-Identifier: Apache-2.0
// The file system, for the shell only. What waits (a FIFO without another end, a terminal) ends
// with Interrupted on a signal.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace perfgate {

/// The longest file that is read at all. A run record of 10,000 cases with their raw samples has 50
/// MB.
inline constexpr std::size_t longest_file_bytes = std::size_t{256} << 20U;

/// Reads the whole file, "-" being stdin. Throws UsageError naming the path and the system's
/// reason, or for a file that is longer than `longest_bytes`; a regular one is then not read at
/// all.
std::string read_file(const std::filesystem::path& path,
                      std::size_t longest_bytes = longest_file_bytes);

/// The same for a file that somebody else may have put there: unless it is stdin, it must be a
/// regular file, and the
/// path's last part no link, so that nothing outside its folder is read in its place.
std::string read_foreign_file(const std::filesystem::path& path, std::size_t longest_bytes);

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
  /// Removing a folder needs descriptors, and there may be none left by then.
  std::array<int, 3> m_spares{-1, -1, -1};
};

/// The folder of the running program.
std::filesystem::path program_directory();

}  // namespace perfgate
