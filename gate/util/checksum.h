// The checksum of a file that only a program writes. It finds numbers that were edited by hand and
// merges that mixed two files; it is no signature, and does not stop a deliberate change.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace perfgate {

/// FNV-1a, 64 bit (Fowler, Noll, Vo; RFC 9923): enough against accidents, and four lines long.
std::uint64_t fnv1a_64(std::string_view bytes);

/// `text`, a TOML document, with the line `checksum = "<16 hex digits>"` as its last key before the
/// first table. It covers every other byte but carriage returns, which git may add on checkout.
std::string sealed(std::string_view text);

enum class Seal { missing, broken, intact };
Seal seal_of(std::string_view text);

}  // namespace perfgate
