// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/loaded_modules.h"

#include <exception>
#include <optional>
#include <utility>

namespace perfgate {

void LoadedModules::loaded(std::span<const std::byte> image) noexcept {
  const std::lock_guard lock(m_mutex);
  if (m_closed) return;
  try {
    keep(image);
  } catch (const std::exception&) {  // memory is short
    m_unknown = true;
  }
  if (m_unknown) m_images.clear();
}

void LoadedModules::keep(std::span<const std::byte> image) {
  if (m_unknown) return;
  if (image.size() <= m_most_kept_bytes - m_kept_bytes) {
    m_images.emplace_back(image.begin(), image.end());
    m_kept_bytes += image.size();
  } else if (const auto names = unhashed_functions(image)) {
    merge_functions(m_without_code, *names);
  } else {
    m_unknown = true;
  }
}

FunctionHashes LoadedModules::hashes(const FunctionNames& wanted) noexcept {
  try {
    std::vector<std::vector<std::byte>> images;
    FunctionHashes out;
    {
      const std::lock_guard lock(m_mutex);
      m_closed = true;
      images.swap(m_images);
      out = std::move(m_without_code);
      if (m_unknown) return {};
    }
    for (const std::vector<std::byte>& image : images) {
      const auto more = hash_functions(image, wanted);
      if (!more) return {};
      merge_functions(out, *more);
    }
    return out;
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace perfgate
