// SPDX-License-Identifier: Apache-2.0
// One kernel as it was launched.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace perfgate {

struct KernelLaunch {
  std::string name;  ///< demangled
  std::array<int, 3> grid{}, block{};
  int registers = 0;  ///< registers of one thread
  std::int64_t shared_bytes = 0;
  std::string code{};  ///< hash of the function's machine code, 16 hex digits; "": unknown

  /// Compares every field; same_launch() decides whether the same kernel was launched.
  bool operator==(const KernelLaunch&) const = default;
};

/// Whether two launches are of the same kernel in the same way, as far as is known: an unknown code
/// contradicts no other. A process may know less than its neighbours (a tool held its place at
/// CUPTI), and that changes no kernel. The relation is not transitive, hence it is not operator==.
bool same_launch(const KernelLaunch& a, const KernelLaunch& b);

/// Whether `text` is a valid `code`; a file may also leave the code out.
bool is_code_hash(std::string_view text);
inline constexpr std::string_view code_hash_wanted =
    "expected 16 digits, each 0 to 9 or a to f; leave the key out when the code is unknown";

}  // namespace perfgate
