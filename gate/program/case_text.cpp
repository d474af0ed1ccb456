// SPDX-License-Identifier: Apache-2.0
#include "gate/program/case_text.h"

#include <fmt/format.h>

#include "gate/util/fnv1a.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::size_t hash_bytes = 9;  // '~' and eight digits

/// The front of valid UTF-8, not cut inside a character.
std::string_view front(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

std::string case_text(std::string_view name, std::size_t most_bytes) {
  std::string safe = one_line(name);
  for (char& c : safe)
    if (std::string_view("/*?~#<>|\\\"'`").find(c) != std::string_view::npos) c = '_';
  if (safe == name && !safe.empty() && safe.size() <= most_bytes) return safe;
  return fmt::format("{}~{:08x}", front(safe, most_bytes - hash_bytes),
                     fnv1a_64(name) & 0xffffffffU);
}

}  // namespace perfgate
