// SPDX-License-Identifier: Apache-2.0
// Tests the hashes of machine code, on cubins that nvcc made and on images made by hand.
#include "kernels/cupti/cubin.h"

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gate/os/files.h"
#include "tests/support/catch.h"

using namespace perfgate;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Itanium C++ ABI: variants::scale<1>(float*), variants::scale_by_table(float*).
const std::string scale = "_ZN8variants5scaleILi1EEEvPf";
const std::string scale_by_table = "_ZN8variants14scale_by_tableEPf";
const std::string untouched = "untouched";

/// Reads a cubin of cubin_variants.cu.
std::string cubin(const std::string& name) {
  return read_file(std::string(CUBIN_FOLDER) + "/" + name + ".cubin");
}

FunctionHashes hashes(std::string_view image) {
  return hash_functions(bytes_of(image));
}

/// Memory whose last byte is followed by a page that must not be read: one byte too far is a crash,
/// even without a sanitizer.
class Fenced {
 public:
  explicit Fenced(std::size_t most) : m_room((most / page() + 1) * page()) {
    void* const all =
        mmap(nullptr, m_room + page(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(all != MAP_FAILED);
    m_data = static_cast<char*>(all);
    REQUIRE(mprotect(m_data + m_room, page(), PROT_NONE) == 0);
  }
  ~Fenced() { munmap(m_data, m_room + page()); }
  Fenced(const Fenced&) = delete;
  Fenced& operator=(const Fenced&) = delete;

  /// Places `text` so that it ends at the fence.
  std::string_view put(std::string_view text) {
    char* const begin = m_data + m_room - text.size();
    std::memcpy(begin, text.data(), text.size());
    return {begin, text.size()};
  }

 private:
  static std::size_t page() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

  std::size_t m_room;
  char* m_data = nullptr;
};

struct HandMade {
  Elf64_Ehdr header{};
  std::vector<Elf64_Shdr> sections;
  std::string names = std::string(1, '\0');
  std::string contents;  // of all sections, from the end of the header

  HandMade() : sections(1) {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_machine = EM_CUDA;
    header.e_shentsize = sizeof(Elf64_Shdr);
  }

  Elf64_Shdr& add(const std::string& name, const std::string& content) {
    Elf64_Shdr section{};
    section.sh_type = SHT_PROGBITS;
    section.sh_name = static_cast<Elf64_Word>(names.size());
    section.sh_offset = sizeof(header) + contents.size();
    section.sh_size = content.size();
    names += name + '\0';
    contents += content;
    sections.push_back(section);
    return sections.back();
  }

  /// Returns header, contents, names, then the table.
  std::string image() {
    Elf64_Shdr of_names{};
    of_names.sh_type = SHT_STRTAB;
    of_names.sh_offset = sizeof(header) + contents.size();
    of_names.sh_size = names.size();
    std::vector<Elf64_Shdr> table = sections;
    table.push_back(of_names);
    header.e_shoff = of_names.sh_offset + of_names.sh_size;
    header.e_shnum = static_cast<Elf64_Half>(table.size());
    header.e_shstrndx = static_cast<Elf64_Half>(table.size() - 1);
    if (many_sections) {  // as the ELF specification demands for more than 0xfeff
      table[0].sh_size = table.size();
      table[0].sh_link = static_cast<Elf64_Word>(table.size() - 1);
      header.e_shnum = 0;
      header.e_shstrndx = SHN_XINDEX;
    }
    return std::string(reinterpret_cast<const char*>(&header), sizeof(header)) + contents + names +
           std::string(reinterpret_cast<const char*>(table.data()),
                       table.size() * sizeof(Elf64_Shdr));
  }

  bool many_sections = false;
};

// FNV-1a of "foobar", from its authors' list of test values.
constexpr const char* foobar = "85944171f73967e8";

}  // namespace

TEST_CASE("every kernel of a cubin is found by its mangled name", "[cubin]") {
  const FunctionHashes found = hashes(cubin("factor3"));
  CHECK(found.size() == 3);
  for (const std::string& name : {scale, scale_by_table, untouched}) {
    INFO(name);
    CHECK(code_of(found, name).size() == 16);
  }
  CHECK(code_of(found, scale) != code_of(found, untouched));
  CHECK(code_of(found, "another") == "");
}

TEST_CASE("a changed constant changes the code of its kernel alone", "[cubin]") {
  const FunctionHashes three = hashes(cubin("factor3")), four = hashes(cubin("factor4"));
  CHECK(code_of(three, scale) != code_of(four, scale));
  CHECK(code_of(three, untouched) == code_of(four, untouched));
  // This is the known limit: data is not code.
  CHECK(code_of(three, scale_by_table) == code_of(four, scale_by_table));
}

TEST_CASE("the same source gives the same code, with line tables too", "[cubin]") {
  const std::string plain = cubin("factor3"), lines = cubin("factor3_lineinfo");
  CHECK(plain != lines);
  CHECK(hashes(plain) == hashes(lines));
}

TEST_CASE("the hash is of the function's section", "[cubin]") {
  HandMade elf;
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

TEST_CASE("a name with two codes has no hash", "[cubin]") {
  HandMade twice;
  twice.add(".text.f", "foobar");
  twice.add(".text.f", "foobaz");
  twice.add(".text.g", "foobar");
  CHECK(code_of(hashes(twice.image()), "f") == "");
  CHECK(code_of(hashes(twice.image()), "g") == foobar);

  HandMade first, second;
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

TEST_CASE("what is no cubin has no hash", "[cubin]") {
  const auto spoilt = [](auto&& spoil) {
    HandMade elf;
    elf.add(".text.f", "foobar");
    elf.add(".text.g", "foobaz");
    spoil(elf);
    return hashes(elf.image()).size();
  };
  CHECK(spoilt([](HandMade&) {}) == 2);
  CHECK(spoilt([](HandMade& elf) { elf.header.e_ident[0] = 'P'; }) == 0);
  CHECK(spoilt([](HandMade& elf) { elf.header.e_ident[EI_CLASS] = ELFCLASS32; }) == 0);
  CHECK(spoilt([](HandMade& elf) { elf.header.e_ident[EI_DATA] = ELFDATA2MSB; }) == 0);
  CHECK(spoilt([](HandMade& elf) { elf.header.e_machine = EM_X86_64; }) == 0);
  CHECK(spoilt([](HandMade& elf) { elf.header.e_shentsize = 40; }) == 0);
  CHECK(spoilt([](HandMade& elf) { elf.sections[1].sh_name = 1u << 30; }) == 0);
  CHECK(spoilt([](HandMade& elf) { elf.sections[1].sh_size = 1 << 20; }) == 0);
  CHECK(spoilt([](HandMade& elf) { elf.sections[1].sh_offset = UINT64_MAX - 2; }) == 0);
  // The sum of this offset and size overflows to something small.
  CHECK(spoilt([](HandMade& elf) { elf.sections[1].sh_size = UINT64_MAX - 32; }) == 0);
  CHECK(hashes("").empty());
}

TEST_CASE("a table of sections that is not in the image gives no hash", "[cubin]") {
  HandMade elf;
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

TEST_CASE("an image that is cut short gives all or nothing, never a crash", "[cubin]") {
  HandMade elf;
  elf.add(".text.f", "foobar");
  for (const std::string& image : {cubin("factor3"), elf.image()}) {
    const FunctionHashes whole = hashes(image);
    REQUIRE_FALSE(whole.empty());
    Fenced memory(image.size());
    for (std::size_t length = 0; length < image.size(); ++length) {
      const FunctionHashes found = hashes(memory.put(std::string_view(image).substr(0, length)));
      // What follows the table of sections is not read.
      if (!found.empty()) REQUIRE(found == whole);
    }
  }
  CHECK(hashes(elf.image().substr(0, elf.image().size() - 1)).empty());
}

TEST_CASE("an image with flipped bytes never crashes", "[cubin]") {
  const std::string cubin_image = cubin("factor3");
  HandMade elf;
  elf.add(".text.f", "foobar");
  const std::string small = elf.image();  // here most bytes are structure
  std::mt19937 random(4);
  for (const std::string& image : {cubin_image, small}) {
    Fenced memory(image.size());
    for (int round = 0; round < 5000; ++round) {
      std::string broken = image;
      for (int flips = 0; flips < 3; ++flips)
        broken[random() % broken.size()] = static_cast<char>(random() % 256);
      hashes(memory.put(broken));
    }
  }
  SUCCEED();
}
