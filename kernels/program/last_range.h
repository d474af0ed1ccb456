// SPDX-License-Identifier: Apache-2.0
// Which range a process was in when something ended it: a signal that nothing can catch leaves no
// time to write, but a page of a file that is mapped is the kernel's to keep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace perfgate {

class LastRange {
 public:
  /// The file is `path`; it is made with the first range. It is never unmapped: threads of the
  /// program outlive us.
  explicit LastRange(std::string path) : m_path(std::move(path)) {}

  /// The `number`-th range that matched begins. Not from two threads at once.
  void begins(std::string_view name, std::int64_t number);

 private:
  std::string m_path;
  bool m_opened = false;
  char* m_page = nullptr;  ///< null: it could not be made, and nothing is kept
};

}  // namespace perfgate
