// SPDX-License-Identifier: Apache-2.0
// Tests the hashes of machine code, on cubins that nvcc made and on images made by hand.
#include "kernels/cupti/cubin.h"

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
#include "tests/support/made_cubin.h"

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

TEST_CASE("an image that is cut short gives all or nothing, never a crash", "[cubin]") {
  MadeCubin elf;
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
  MadeCubin elf;
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
