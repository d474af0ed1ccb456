// SPDX-License-Identifier: Apache-2.0
#include "gate/util/toml_table.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

template <class Read>
std::string toml_refusal(const std::string& text, Read read) {
  return error_of<UsageError>([&] {
    TomlTable table = TomlTable::parse(text, "f.toml");
    read(table);
  });
}

}  // namespace

TEST_CASE("every type reads", "[toml_table]") {
  TomlTable table = TomlTable::parse(
      "s = \"x\"\nf = 2.5\ni = 3\nb = true\nwhole = 2\nss = [\"a\", \"b\"]\nns = [1, 2.5]\n"
      "is = [1, 2]\n[t]\nk = 1\n[[tt]]\nn = 1\n[[tt]]\nn = 2\n",
      "f.toml");
  CHECK(table.string("s") == "x");
  CHECK(table.number("f") == 2.5);
  CHECK(table.number("whole") == 2.0);
  CHECK(table.integer("i") == 3);
  CHECK(table.optional_boolean("b") == true);
  CHECK(table.strings("ss") == std::vector<std::string>{"a", "b"});
  CHECK(table.numbers("ns") == std::vector<double>{1, 2.5});
  CHECK(table.integers("is") == std::vector<int>{1, 2});
  CHECK(table.table("t").integer("k") == 1);
  REQUIRE(table.tables("tt").size() == 2);
  CHECK(table.tables("tt")[1].integer("n") == 2);
  CHECK(table.tables("none").empty());
  CHECK_FALSE(table.optional_string("none"));
  CHECK_FALSE(table.optional_table("none"));
  CHECK(table.has("s"));
  CHECK_FALSE(table.has("none"));
  CHECK_NOTHROW(table.finish());
}

TEST_CASE("keys come in the file's order", "[toml_table]") {
  TomlTable table = TomlTable::parse("zebra = 1\napple = 2\nmango = 3\n", "f.toml");
  CHECK(table.keys() == std::vector<std::string>{"zebra", "apple", "mango"});
}

TEST_CASE("a wrong type names file, line, key and both types", "[toml_table]") {
  const std::string text = "a = 1\nb = \"x\"\nc = 1.5\nd = [1]\n[e]\n";
  CHECK(toml_refusal(text, [](TomlTable& t) { t.string("a"); }) ==
        "f.toml:1: a: expected a string, found an integer");
  CHECK(toml_refusal(text, [](TomlTable& t) { t.number("b"); }) ==
        "f.toml:2: b: expected a number, found a string");
  CHECK(toml_refusal(text, [](TomlTable& t) { t.integer("c"); }) ==
        "f.toml:3: c: expected an integer, found a number");
  CHECK(toml_refusal(text, [](TomlTable& t) { t.strings("d"); }) ==
        "f.toml:4: d: expected a string, found an integer");
  CHECK(toml_refusal(text, [](TomlTable& t) { t.strings("a"); }) ==
        "f.toml:1: a: expected a list, found an integer");
  CHECK(toml_refusal(text, [](TomlTable& t) { t.optional_boolean("a"); }) ==
        "f.toml:1: a: expected true or false, found an integer");
  CHECK(toml_refusal(text, [](TomlTable& t) { t.table("a"); }) ==
        "f.toml:1: a: expected a table, found an integer");
  CHECK(toml_refusal(text, [](TomlTable& t) { t.tables("e"); }) ==
        "f.toml:5: e: expected [[e]] tables, found a table");
}

TEST_CASE("infinity and nan are no numbers", "[toml_table]") {
  CHECK_THAT(toml_refusal("x = inf\n", [](TomlTable& t) { t.number("x"); }),
             ContainsSubstring("f.toml:1: x: expected a finite number"));
  CHECK_THAT(toml_refusal("x = [1.0, nan]\n", [](TomlTable& t) { t.numbers("x"); }),
             ContainsSubstring("expected a finite number"));
  CHECK_THAT(toml_refusal("x = [99999999999]\n", [](TomlTable& t) { t.integers("x"); }),
             ContainsSubstring("99999999999 is too large"));
}

TEST_CASE("a missing key is named with its table", "[toml_table]") {
  CHECK_THAT(toml_refusal("a = 1\n", [](TomlTable& t) { t.string("name"); }),
             ContainsSubstring("name: missing"));
  CHECK(toml_refusal("\n[suite]\na = 1\n", [](TomlTable& t) {
          t.table("suite").string("models");
        }) == "f.toml:2: suite.models: missing");
  CHECK(toml_refusal("[[m]]\na = 1\n\n[[m]]\nb = 1\n", [](TomlTable& t) {
          t.tables("m")[1].string("a");
        }) == "f.toml:4: m[1].a: missing");
}

TEST_CASE("an unknown key is refused with the nearest known one", "[toml_table]") {
  CHECK(toml_refusal("processes = 5\nproceses = 6\n", [](TomlTable& t) {
          t.integer("processes");
          t.finish();
        }) == "f.toml:2: proceses: unknown key (did you mean 'processes'?)");
  CHECK(toml_refusal("zzzzzzzz = 6\n", [](TomlTable& t) { t.finish(); }) ==
        "f.toml:1: zzzzzzzz: unknown key");
}

TEST_CASE("another schema is refused", "[toml_table]") {
  CHECK(toml_refusal("schema = 2\n", [](TomlTable& t) { t.require_schema(1); }) ==
        "f.toml:1: schema: this perfgate reads schema 1, the file has 2");
  CHECK_THAT(toml_refusal("a = 2\n", [](TomlTable& t) { t.require_schema(1); }),
             ContainsSubstring("schema: missing"));
}

TEST_CASE("broken TOML names the line", "[toml_table]") {
  CHECK_THAT(toml_refusal("a = 1\nb = [1,\n", [](TomlTable&) {}), StartsWith("f.toml:"));
  CHECK_THAT(toml_refusal("a = 1\nb = = 2\n", [](TomlTable&) {}),
             StartsWith("f.toml:2: not valid TOML: "));
  CHECK_THAT(toml_refusal("a = 1\na = 2\n", [](TomlTable&) {}),
             StartsWith("f.toml:2: not valid TOML"));
}

TEST_CASE("a mistyped required key is named, not only missed", "[toml_table]") {
  TomlTable table = TomlTable::parse("percnt = 2.0\n", "x.toml");
  const std::string error = error_of<UsageError>([&] { table.number("percent"); });
  CHECK(error.find("percent: missing (is it the 'percnt' there?)") != std::string::npos);
}

namespace {

std::string repeated(std::size_t times, const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("keys and values of any depth are refused, without a crash", "[toml_table]") {
  const std::string most = "a" + repeated(31, ".a");
  CHECK_NOTHROW(TomlTable::parse(most + " = 1\n", "f.toml"));
  CHECK_NOTHROW(TomlTable::parse("[" + most + "]\n" + most + " = 1\n", "f.toml"));
  for (const std::size_t more : {std::size_t{32}, std::size_t{200000}}) {
    const std::string parts = "a" + repeated(more, ".a") + " = 1";
    for (const std::string& text :
         {parts + "\n", "[a" + repeated(more, ".a") + "]\n", "[[a" + repeated(more, ".a") + "]]\n",
          "x = {" + parts + "}\n", "a" + repeated(more, " . 'a' . \"a\"") + " = 1\n",
          "s = \"a # \\\" b\"  # \"\n" + parts + "\n",
          // Quotes just before the closing three belong to the string.
          "s = [\"\"\"a\"\"\"\", {" + parts + "}]\n", "s = [\"\"\"a\"\"\"\"\", {" + parts + "}]\n",
          "s = ['''a'''', {" + parts + "}]\n", "s = '''\n\"\n'''\n" + parts + "\n",
          "s = \"\\\\\"\n" + parts + "\n", "s = ''\n" + parts + "\n"})
      CHECK_THAT(toml_refusal(text, [](TomlTable&) {}), EndsWith("a key of more than 32 parts"));
  }
  CHECK_NOTHROW(TomlTable::parse("a = " + repeated(32, "[") + repeated(32, "]") + "\n", "f"));
  for (const std::size_t deep : {std::size_t{33}, std::size_t{200000}}) {
    CHECK(toml_refusal("\na = " + repeated(deep, "[") + repeated(deep, "]") + "\n",
                       [](TomlTable&) {}) == "f.toml:2: nested deeper than 32 levels");
    CHECK(toml_refusal("a = " + repeated(deep, "{a = ") + "1" + repeated(deep, "}") + "\n",
                       [](TomlTable&) {}) == "f.toml:1: nested deeper than 32 levels");
  }
}

TEST_CASE("dots, brackets and quotes in strings and comments count for nothing", "[toml_table]") {
  const std::string dots(500, '.'), brackets(500, '[');
  for (const std::string& text :
       {"a = \"" + dots + "\"\n", "a = '" + brackets + "'\n",
        "a = 1 # \" " + dots + brackets + "\n",
        "a = \"\"\"\n" + dots + "\n\"" + brackets + "\"\"\"\n", "'" + dots + "' = 1\na = 1\n"}) {
    INFO(text);
    CHECK_NOTHROW(TomlTable::parse(text, "f"));
  }
}

TEST_CASE("a long TOML file, and a long key in a message", "[toml_table]") {
  CHECK_THAT(
      toml_refusal("# " + std::string(std::size_t{16} << 20U, 'x') + "\n", [](TomlTable&) {}),
      ContainsSubstring("more than the 16777216 that a TOML file may have"));
  const std::string said =
      toml_refusal(std::string(std::size_t{1} << 20U, 'k') + " = 1\n", [](TomlTable& t) {
        t.optional_number("known");
        t.finish();
      });
  CHECK(said.size() < 500);
  CHECK_THAT(said, EndsWith("unknown key"));
  CHECK_THAT(toml_refusal("x = 5e-324\n", [](TomlTable& t) { t.number("x"); }),
             ContainsSubstring("f.toml:1: x: expected a finite number: 0, or from 1e-100"));
}

TEST_CASE("of two layers the first wins, key by key", "[toml_table]") {
  TomlTable table = TomlTable::parse_layers(
      {"[a]\nx = 1\n[[list]]\nid = \"own\"\n[c]\nlist = []\nv = [7]\n", "own.toml"},
      {"schema = 1\n[a]\nx = 2\ny = 3\n[b]\nz = 4\n[[list]]\nid = \"first\"\n[[list]]\nid = "
       "\"second\"\n[c]\nv = [1, 2]\n[[c.list]]\nid = 1\n",
       "defaults.toml"});
  CHECK(table.integer("schema") == 1);
  TomlTable a = table.table("a");
  CHECK(a.integer("x") == 1);
  CHECK(a.integer("y") == 3);
  CHECK(table.table("b").integer("z") == 4);
  std::vector<std::string> ids;
  for (TomlTable& entry : table.tables("list")) ids.push_back(entry.string("id"));
  // The last match wins, so the defaults come first.
  CHECK(ids == std::vector<std::string>{"first", "second", "own"});
  TomlTable c = table.table("c");
  CHECK(c.tables("list").empty());
  CHECK(c.integers("v") == std::vector<int>{7});
}

TEST_CASE("a value knows the file and the line that it comes from", "[toml_table]") {
  TomlTable table = TomlTable::parse_layers({"\n[a]\nx = 1\n", "own.toml"},
                                            {"[a]\nx = 2\ny = \"t\"\n", "defaults.toml"});
  const std::vector<TomlValue> values = table.values();
  REQUIRE(values.size() == 2);
  CHECK(values[0].key == "a.x");
  CHECK(values[0].value == "1");
  CHECK(values[0].source == "own.toml");
  CHECK(values[0].line == 3);
  CHECK(values[1].key == "a.y");
  CHECK(values[1].source == "defaults.toml");
  CHECK(values[1].line == 3);
  TomlTable a = table.table("a");
  CHECK_THAT(error_of<UsageError>([&] { a.integer("y"); }),
             ContainsSubstring("defaults.toml:3: a.y: expected an integer"));
}
