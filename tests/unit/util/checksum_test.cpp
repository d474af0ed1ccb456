#include "gate/util/checksum.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const std::string document = "# comment\nschema = 1\n\n[table]\nkey = 1\n";

}  // namespace

TEST_CASE("FNV-1a of the texts that its authors publish", "[checksum]") {
  // http://www.isthe.com/chongo/src/fnv/test_fnv.c
  CHECK(fnv1a_64("") == 0xcbf29ce484222325);
  CHECK(fnv1a_64("a") == 0xaf63dc4c8601ec8c);
  CHECK(fnv1a_64("foobar") == 0x85944171f73967e8);
}

TEST_CASE("the checksum is the last key before the first table", "[checksum]") {
  const std::string text = sealed(document);
  CHECK(text.starts_with("# comment\nschema = 1\nchecksum = \""));
  CHECK(text.ends_with("\"\n\n[table]\nkey = 1\n"));
  CHECK(text.size() == document.size() + std::string("checksum = \"0123456789abcdef\"\n").size());
  CHECK(seal_of(text) == Seal::intact);
  CHECK(seal_of(document) == Seal::missing);
  CHECK(seal_of(sealed("schema = 1\n")) == Seal::intact);
}

TEST_CASE("every changed byte breaks it, line ends of git's do not", "[checksum]") {
  const std::string text = sealed(document);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    INFO(i);
    CHECK(seal_of(changed) != Seal::intact);
  }
  CHECK(seal_of(text + "\n") == Seal::broken);
  CHECK(seal_of(text.substr(0, text.size() - 1)) == Seal::broken);
  CHECK(seal_of(replaced(text, "checksum = ", "checksum  = ")) == Seal::broken);
  std::string windows;
  for (const char c : text) windows += c == '\n' ? "\r\n" : std::string(1, c);
  CHECK(seal_of(windows) == Seal::intact);
}

TEST_CASE("a checksum in a table is not the file's", "[checksum]") {
  CHECK(seal_of("schema = 1\n[table]\nchecksum = \"0\"\n") == Seal::missing);
}
