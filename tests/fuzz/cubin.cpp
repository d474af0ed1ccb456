// SPDX-License-Identifier: Apache-2.0
// The image of a loaded module is whatever a program loads: hashing it reads nothing outside of it,
// and the code that it gives is the same each time.
#include "kernels/cupti/cubin.h"

#include <elf.h>

#include <cstring>

#include "tests/fuzz/engine/target.h"

using namespace perfgate;

const InputForm input_form = InputForm::bytes;

namespace {

constexpr std::string_view names{"\0.text.kernel\0.shstrtab\0.text.other\0", 36};

/// An image with two functions, as small as one can be.
std::string image(std::uint64_t code_bytes) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = EM_CUDA;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 4;
  header.e_shstrndx = 2;
  const std::uint64_t code = sizeof header, strings = code + 2 * code_bytes;
  header.e_shoff = strings + names.size();
  std::string out(reinterpret_cast<const char*>(&header), sizeof header);
  out += std::string(code_bytes, 'a') + std::string(code_bytes, 'b');
  out += names;
  const auto section = [&](std::uint32_t name, std::uint32_t type, std::uint64_t offset,
                           std::uint64_t size) {
    Elf64_Shdr one{};
    one.sh_name = name;
    one.sh_type = type;
    one.sh_flags = SHF_ALLOC | SHF_EXECINSTR;
    one.sh_offset = offset;
    one.sh_size = size;
    out.append(reinterpret_cast<const char*>(&one), sizeof one);
  };
  section(0, SHT_NULL, 0, 0);
  section(1, SHT_PROGBITS, code, code_bytes);
  section(14, SHT_STRTAB, strings, names.size());
  section(24, SHT_PROGBITS, code + code_bytes, code_bytes);
  return out;
}

}  // namespace

std::vector<std::string> seeds() {
  return {image(16), image(0), image(64)};
}

void try_input(std::string_view input) {
  // A copy of exactly its size, so that a sanitizer sees a byte too far.
  const std::vector<char> copy(input.begin(), input.end());
  const auto bytes = std::as_bytes(std::span(copy));
  const FunctionHashes found = hash_functions(bytes);
  require(hash_functions(bytes) == found);
  FunctionHashes all = found;
  merge_functions(all, found);
  require(all == found);
  for (const auto& [name, hash] : found) require(code_of(found, name).size() == (hash ? 16U : 0U));
}
