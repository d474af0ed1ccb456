// SPDX-License-Identifier: Apache-2.0
// Tests the hashes of machine code on images made by hand; tests/cuda/cubin_test.cpp has those that
// nvcc made.
#include <cstddef>

#include "kernels/cupti/cubin.h"
#include "tests/support/catch.h"
#include "tests/support/made_cubin.h"

using namespace perfgate;

namespace {

FunctionHashes hashes(std::string_view image) {
  return hash_functions(std::as_bytes(std::span(image)));
}

// FNV-1a of "foobar", from its authors' list of test values.
constexpr const char* foobar = "85944171f73967e8";

}  // namespace

TEST_CASE("the hash is of the function's section", "[cubin_image]") {
  MadeCubin elf;
  elf.add(".text.f", "foobar");
  elf.add(".nv.info.f", "other");
  elf.add(".text.", "nobody's");
  elf.add(".text", "nor this");
  elf.add(".nv.capmerc.text.f", "another form of f");
  CHECK(hashes(elf.image()).size() == 1);
  CHECK(code_of(hashes(elf.image()), "f") == foobar);
  elf.many_sections = true;
  CHECK(code_of(hashes(elf.image()), "f") == foobar);
}

TEST_CASE("a name with two codes has no hash", "[cubin_image]") {
  MadeCubin twice;
  twice.add(".text.f", "foobar");
  twice.add(".text.f", "foobaz");
  twice.add(".text.g", "foobar");
  CHECK(code_of(hashes(twice.image()), "f") == "");
  CHECK(code_of(hashes(twice.image()), "g") == foobar);

  MadeCubin first, second;
  first.add(".text.f", "foobar");
  first.add(".text.g", "foobar");
  second.add(".text.f", "foobaz");
  second.add(".text.g", "foobar");
  second.add(".text.h", "foobar");
  FunctionHashes all;
  merge_functions(all, hashes(first.image()));
  CHECK(code_of(all, "f") == foobar);
  merge_functions(all, hashes(second.image()));
  CHECK(code_of(all, "f") == "");
  CHECK(code_of(all, "g") == foobar);  // loaded twice
  CHECK(code_of(all, "h") == foobar);
  merge_functions(all, hashes(first.image()));
  CHECK(code_of(all, "f") == "");  // for good
}

TEST_CASE("what is no cubin has no hash", "[cubin_image]") {
  const auto spoilt = [](auto&& spoil) {
    MadeCubin elf;
    elf.add(".text.f", "foobar");
    elf.add(".text.g", "foobaz");
    spoil(elf);
    return hashes(elf.image()).size();
  };
  CHECK(spoilt([](MadeCubin&) {}) == 2);
  CHECK(spoilt([](MadeCubin& elf) { elf.header.e_ident[0] = 'P'; }) == 0);
  CHECK(spoilt([](MadeCubin& elf) { elf.header.e_ident[EI_CLASS] = ELFCLASS32; }) == 0);
  CHECK(spoilt([](MadeCubin& elf) { elf.header.e_ident[EI_DATA] = ELFDATA2MSB; }) == 0);
  CHECK(spoilt([](MadeCubin& elf) { elf.header.e_machine = EM_X86_64; }) == 0);
  CHECK(spoilt([](MadeCubin& elf) { elf.header.e_shentsize = 40; }) == 0);
  CHECK(spoilt([](MadeCubin& elf) { elf.sections[1].sh_name = 1u << 30; }) == 0);
  CHECK(spoilt([](MadeCubin& elf) { elf.sections[1].sh_size = 1 << 20; }) == 0);
  CHECK(spoilt([](MadeCubin& elf) { elf.sections[1].sh_offset = UINT64_MAX - 2; }) == 0);
  // The sum of this offset and size overflows to something small.
  CHECK(spoilt([](MadeCubin& elf) { elf.sections[1].sh_size = UINT64_MAX - 32; }) == 0);
  CHECK(hashes("").empty());
}

TEST_CASE("sections that share their code or their names have no hash", "[cubin_image]") {
  // Each of these images is a megabyte, and would be read thousands of times.
  const std::string long_text(500'000, 'f');
  MadeCubin code;
  code.add(".text.f", long_text);
  code.sections.resize(7000, code.sections[1]);
  CHECK(hashes(code.image()).empty());
  MadeCubin names;
  names.add(".text." + long_text, "foobar");
  names.sections.resize(7000, names.sections[1]);
  CHECK(hashes(names.image()).empty());
}

TEST_CASE("a table of sections that is not in the image gives no hash", "[cubin_image]") {
  MadeCubin elf;
  elf.add(".text.f", "foobar");
  elf.many_sections = true;
  const std::string good = elf.image();
  const auto spoilt = [&](std::size_t offset, auto value) {
    std::string image = good;
    std::memcpy(image.data() + offset, &value, sizeof(value));
    return hashes(image).size();
  };
  const std::size_t table = elf.header.e_shoff;
  CHECK(spoilt(0, ELFMAG[0]) == 1);
  CHECK(spoilt(offsetof(Elf64_Ehdr, e_shoff), std::uint64_t{good.size()}) == 0);
  CHECK(spoilt(offsetof(Elf64_Ehdr, e_shstrndx), std::uint16_t{3}) == 0);
  CHECK(spoilt(table + offsetof(Elf64_Shdr, sh_link), std::uint32_t{3}) == 0);
  CHECK(spoilt(table + offsetof(Elf64_Shdr, sh_size), std::uint64_t{4}) == 0);
  // With this many entries of 64 bytes the size overflows to that of the three that are there.
  CHECK(spoilt(table + offsetof(Elf64_Shdr, sh_size), (std::uint64_t{1} << 58) + 3) == 0);
}
