// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/foreign_file.h"

#include <fmt/format.h>

#include "gate/os/files.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

std::string read_beside(const fs::path& file, const std::string& path) {
  const fs::path named = path;
  const fs::path last = named.filename(), folder = named.parent_path().filename();
  if (last.empty() || last == ".." || folder == "..")
    throw UsageError(fmt::format("'{}' names no file beside it", printable(path)));
  return read_foreign_file(file.parent_path() / folder / last, longest_file_bytes);
}

}  // namespace

ForeignFile foreign_file(const fs::path& file) {
  return {file.string(), read_file(file),
          [file](const std::string& path) { return read_beside(file, path); }};
}

}  // namespace perfgate
