// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/last_range.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace perfgate {
namespace {

constexpr std::size_t page_bytes = 4096;

/// Its room is taken beforehand: on a full disk, writing to the page would end the program.
char* mapped_page(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return nullptr;
  void* page = MAP_FAILED;
  if (posix_fallocate(file, 0, page_bytes) == 0)
    page = mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return page != MAP_FAILED ? static_cast<char*>(page) : nullptr;
}

}  // namespace

void LastRange::begins(std::string_view name, std::int64_t number) {
  if (!m_opened) m_page = mapped_page(m_path);
  m_opened = true;
  if (m_page == nullptr) return;
  const std::string start = std::to_string(number) + " ";
  const std::size_t length = std::min(name.size(), page_bytes - start.size() - 1);
  std::memcpy(m_page, start.data(), start.size());
  std::memcpy(m_page + start.size(), name.data(), length);
  m_page[start.size() + length] = '\0';
}

}  // namespace perfgate
