// SPDX-License-Identifier: Apache-2.0
// The machine code in a cubin (the ELF image of one loaded module), as one hash for each function.
// Pure: bytes in, numbers out, no CUDA.
//
// A verdict "same code, so the environment" must never be given for different code. So everything
// in doubt has no hash: an image that is malformed anywhere where it was read, and a name that has
// two codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace perfgate {

/// Mangled name -> hash (FNV-1a) of the section `.text.<name>`: the instructions alone, without
/// line tables, constants and registers. nullopt: the image has two codes of that name.
using FunctionHashes = std::map<std::string, std::optional<std::uint64_t>>;

/// Hashes every function in a 64-bit little-endian ELF image for CUDA; empty when the image is
/// anything else or cut short. Never reads outside of `image`.
FunctionHashes hash_functions(std::span<const std::byte> image);

/// Names; a comparison finds a view.
using FunctionNames = std::set<std::string, std::less<>>;

/// The same of these functions alone; no code of others is read.
/// nullopt: the image can't be read, and so may have any function.
std::optional<FunctionHashes> hash_functions(std::span<const std::byte> image,
                                             const FunctionNames& wanted);

/// Every function of the image, none with a hash; nullopt as above.
std::optional<FunctionHashes> unhashed_functions(std::span<const std::byte> image);

/// Adds the functions of another module. A name that now has two codes (a library brings variants
/// of a kernel under one name) loses its hash for good, because nothing tells which of the two was
/// launched.
void merge_functions(FunctionHashes& all, const FunctionHashes& more);

/// The hash as 16 hex digits, "" when it is not known.
std::string code_of(const FunctionHashes& all, const std::string& mangled_name);

}  // namespace perfgate
