// SPDX-License-Identifier: Apache-2.0
// The machine code of the kernels that the program launches, whether it was linked, opened or
// compiled while the program ran: CUPTI shows each module as it is loaded.
//
// CUPTI's image is valid within its callback only, and what will be launched in a wanted range is
// not known then. So the image is copied there, in the loading thread: a third to a half of the
// time that hashing all of it takes. The functions that were launched are hashed later, by the
// thread that writes.
//
// A code explains a measurement and is none: whatever goes wrong here makes codes unknown, and the
// measurement goes on. A code is never guessed: a function that may have another code in a module
// that could not be kept has none.
#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

#include "kernels/cupti/cubin.h"

namespace perfgate {

class LoadedModules {
 public:
  static constexpr std::size_t most_bytes = std::size_t{256} << 20;

  /// Of modules beyond `most_kept_bytes` in all, only the functions' names are kept.
  explicit LoadedModules(std::size_t most_kept_bytes = most_bytes)
      : m_most_kept_bytes(most_kept_bytes) {}

  /// In CUPTI's callback, from any thread that loads.
  void loaded(std::span<const std::byte> image) noexcept;

  /// The codes of these functions, as far as they are known. The images are given back: what is
  /// loaded later is not looked at.
  FunctionHashes hashes(const FunctionNames& wanted) noexcept;

 private:
  void keep(std::span<const std::byte> image);

  std::size_t m_most_kept_bytes;
  std::mutex m_mutex;  ///< of what is below
  std::vector<std::vector<std::byte>> m_images;
  std::size_t m_kept_bytes = 0;
  FunctionHashes m_without_code;  ///< of modules that were not kept
  bool m_unknown = false;         ///< a module could not be read: any function may be in it
  bool m_closed = false;
};

}  // namespace perfgate
