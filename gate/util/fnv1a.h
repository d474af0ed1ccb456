// SPDX-License-Identifier: Apache-2.0
// FNV-1a, 64 bits (Fowler, Noll, Vo; RFC 9923): a hash against accidents, not against attacks. It
// was chosen for its few lines and its published test values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace perfgate {

inline std::uint64_t fnv1a_64(std::span<const std::byte> bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::byte byte : bytes)
    hash =
        (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3;  // modulo 2^64, as intended
  return hash;
}

inline std::uint64_t fnv1a_64(std::string_view text) {
  return fnv1a_64(std::as_bytes(std::span(text)));
}

}  // namespace perfgate
