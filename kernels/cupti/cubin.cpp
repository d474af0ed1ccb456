// SPDX-License-Identifier: Apache-2.0
#include "kernels/cupti/cubin.h"
#include "gate/util/fnv1a.h"

#include <elf.h>
#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <string_view>

namespace perfgate {

namespace {

static_assert(std::endian::native == std::endian::little, "cubins are little-endian");

using Bytes = std::span<const std::byte>;

constexpr std::string_view code_prefix = ".text.";

/// Returns `size` bytes from `offset`; nullopt where the image is shorter. It never adds the two:
/// both come from the image, and their sum may overflow.
std::optional<Bytes> part_of(Bytes image, std::uint64_t offset, std::uint64_t size) {
  if (offset > image.size() || size > image.size() - offset) return std::nullopt;
  return image.subspan(offset, size);
}

/// Reads a copy, because nothing in an image needs to be aligned.
template <class T>
std::optional<T> read(Bytes image, std::uint64_t offset) {
  const auto bytes = part_of(image, offset, sizeof(T));
  if (!bytes) return std::nullopt;
  T value;
  std::memcpy(&value, bytes->data(), sizeof(T));
  return value;
}

bool is_cubin(const Elf64_Ehdr& header) {
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB &&
         header.e_machine == EM_CUDA && header.e_shentsize == sizeof(Elf64_Shdr);
}

/// The zero-terminated text at `offset` of a string table.
std::optional<std::string_view> text_at(Bytes table, std::uint64_t offset) {
  if (offset >= table.size()) return std::nullopt;
  const std::string_view rest(reinterpret_cast<const char*>(table.data()) + offset,
                              table.size() - offset);
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  return rest.substr(0, end);
}

struct Sections {
  Bytes table;  ///< whole Elf64_Shdr entries, in the image
  Bytes names;

  std::uint64_t count() const { return table.size() / sizeof(Elf64_Shdr); }
  Elf64_Shdr at(std::uint64_t i) const { return *read<Elf64_Shdr>(table, i * sizeof(Elf64_Shdr)); }
};

std::optional<Sections> sections_of(Bytes image) {
  const auto header = read<Elf64_Ehdr>(image, 0);
  if (!header || !is_cubin(*header)) return std::nullopt;
  const auto first = read<Elf64_Shdr>(image, header->e_shoff);
  if (!first) return std::nullopt;
  // A module of a library may have more sections than 16 bits can count: then the first entry holds
  // the count.
  const std::uint64_t count = header->e_shnum != 0 ? header->e_shnum : first->sh_size;
  const std::uint64_t names =
      header->e_shstrndx != SHN_XINDEX ? header->e_shstrndx : first->sh_link;
  if (count > image.size() / sizeof(Elf64_Shdr) || names >= count) return std::nullopt;
  const auto table = part_of(image, header->e_shoff, count * sizeof(Elf64_Shdr));
  if (!table) return std::nullopt;
  Sections sections{*table, {}};
  const Elf64_Shdr of_names = sections.at(names);
  const auto text = part_of(image, of_names.sh_offset, of_names.sh_size);
  if (!text) return std::nullopt;
  sections.names = *text;
  return sections;
}

void add(FunctionHashes& all, const std::string& name, std::optional<std::uint64_t> hash) {
  const auto [known, is_new] = all.try_emplace(name, hash);
  if (!is_new && known->second != hash) known->second.reset();
}

/// Calls take(name, code) for each function. Returns false when the image is malformed anywhere
/// where it was read.
template <class Take>
bool for_each_function(Bytes image, const Take& take) {
  const auto sections = sections_of(image);
  if (!sections) return false;
  // Sections share neither code nor names, so all together are no longer than the image. Where they
  // say otherwise, reading them would take time with the square of its length.
  std::uint64_t code_bytes = 0, name_bytes = 0;
  for (std::uint64_t i = 0; i < sections->count(); ++i) {
    const Elf64_Shdr section = sections->at(i);
    if (section.sh_type != SHT_PROGBITS) continue;  // others have no code, and some have no bytes
    const auto name = text_at(sections->names, section.sh_name);
    if (!name || (name_bytes += name->size()) > image.size()) return false;
    if (!name->starts_with(code_prefix) || name->size() == code_prefix.size()) continue;
    const auto code = part_of(image, section.sh_offset, section.sh_size);
    if (!code || (code_bytes += code->size()) > image.size()) return false;
    take(name->substr(code_prefix.size()), *code);
  }
  return true;
}

}  // namespace

FunctionHashes hash_functions(Bytes image) {
  FunctionHashes out;
  const auto hash = [&](std::string_view name, Bytes code) {
    add(out, std::string(name), fnv1a_64(code));
  };
  return for_each_function(image, hash) ? out : FunctionHashes{};
}

std::optional<FunctionHashes> hash_functions(Bytes image, const FunctionNames& wanted) {
  FunctionHashes out;
  const auto hash = [&](std::string_view name, Bytes code) {
    if (wanted.contains(name)) add(out, std::string(name), fnv1a_64(code));
  };
  return for_each_function(image, hash) ? std::optional(out) : std::nullopt;
}

std::optional<FunctionHashes> unhashed_functions(Bytes image) {
  FunctionHashes out;
  const auto name_only = [&](std::string_view name, Bytes) { out.emplace(name, std::nullopt); };
  return for_each_function(image, name_only) ? std::optional(out) : std::nullopt;
}

void merge_functions(FunctionHashes& all, const FunctionHashes& more) {
  for (const auto& [name, hash] : more) add(all, name, hash);
}

std::string code_of(const FunctionHashes& all, const std::string& mangled_name) {
  const auto found = all.find(mangled_name);
  if (found == all.end() || !found->second) return "";
  return fmt::format("{:016x}", *found->second);
}

}  // namespace perfgate
