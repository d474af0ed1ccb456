// SPDX-License-Identifier: Apache-2.0
// The checksum of a file that only a program writes. It finds numbers that were edited by hand and
// merges that mixed two files; it is no signature, and does not stop a deliberate change.
#pragma once

#include <string>
#include <string_view>

namespace perfgate {

/// `text`, a TOML document, with the line `checksum = "<16 hex digits>"` as its last key before the
/// first table. It covers every other byte but carriage returns, which git may add on checkout.
std::string with_checksum(std::string_view text);

enum class ChecksumState { missing, broken, intact };
ChecksumState checksum_state(std::string_view text);

}  // namespace perfgate
