// SPDX-License-Identifier: Apache-2.0
#include "gate/util/checksum.h"
#include "gate/util/fnv1a.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const std::string sealed_text = "# comment\nschema = 1\n\n[table]\nkey = 1\n";

}  // namespace

TEST_CASE("FNV-1a of the texts that its authors publish", "[checksum]") {
  // Source: http://www.isthe.com/chongo/src/fnv/test_fnv.c
  CHECK(fnv1a_64("") == 0xcbf29ce484222325);
  CHECK(fnv1a_64("a") == 0xaf63dc4c8601ec8c);
  CHECK(fnv1a_64("foobar") == 0x85944171f73967e8);
}

TEST_CASE("the checksum is the last key before the first table", "[checksum]") {
  const std::string text = with_checksum(sealed_text);
  CHECK(text.starts_with("# comment\nschema = 1\nchecksum = \""));
  CHECK(text.ends_with("\"\n\n[table]\nkey = 1\n"));
  CHECK(text.size() ==
        sealed_text.size() + std::string("checksum = \"0123456789abcdef\"\n").size());
  CHECK(checksum_state(text) == ChecksumState::intact);
  CHECK(checksum_state(sealed_text) == ChecksumState::missing);
  CHECK(checksum_state(with_checksum("schema = 1\n")) == ChecksumState::intact);
}

TEST_CASE("every changed byte breaks it, line ends of git's do not", "[checksum]") {
  const std::string text = with_checksum(sealed_text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    INFO(i);
    CHECK(checksum_state(changed) != ChecksumState::intact);
  }
  CHECK(checksum_state(text + "\n") == ChecksumState::broken);
  CHECK(checksum_state(text.substr(0, text.size() - 1)) == ChecksumState::broken);
  CHECK(checksum_state(replaced(text, "checksum = ", "checksum  = ")) == ChecksumState::broken);
  std::string windows;
  for (const char c : text) windows += c == '\n' ? "\r\n" : std::string(1, c);
  CHECK(checksum_state(windows) == ChecksumState::intact);
}

TEST_CASE("a checksum in a table is not the file's", "[checksum]") {
  CHECK(checksum_state("schema = 1\n[table]\nchecksum = \"0\"\n") == ChecksumState::missing);
}
