// SPDX-License-Identifier: Apache-2.0
#include "gate/util/id_table.h"

#include <array>

#include "gate/util/error.h"
#include "gate/util/json_object.h"
#include "gate/util/toml_table.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

struct Fruit {
  int grams;
  std::string_view id;
};
constexpr std::array<Fruit, 2> fruits{{{150, "apple"}, {120, "banana"}}};

}  // namespace

TEST_CASE("a row is found by its id", "[id_table]") {
  CHECK(find_by_id(fruits, "banana")->grams == 120);
  CHECK(find_by_id(fruits, "Banana") == nullptr);
  CHECK(find_by_id(fruits, "") == nullptr);
  CHECK(ids_of(fruits) == std::vector<std::string>{"apple", "banana"});
}

TEST_CASE("an unknown id is answered with the nearest and all that are known", "[id_table]") {
  CHECK(unknown_id("aple", ids_of(fruits)) ==
        "unknown 'aple' (did you mean 'apple'?); known: apple, banana");
  CHECK(unknown_id("durian", ids_of(fruits)) == "unknown 'durian'; known: apple, banana");
  // Text from outside adds no line of its own, and not megabytes of text.
  CHECK_THAT(unknown_id("a\nb\x1b[1m", {"c"}), StartsWith("unknown 'a b?[1m'"));
  CHECK(unknown_id(std::string(1 << 20, 'x'), {"c"}).size() < 150);
}

TEST_CASE("both readers say the document and the key", "[id_table]") {
  TomlTable toml = TomlTable::parse("good = \"apple\"\nbad = \"aple\"\n", "f.toml");
  CHECK(choose(fruits, toml, "good").grams == 150);
  CHECK(error_of<UsageError>([&] { choose(fruits, toml, "bad"); }) ==
        "f.toml:2: bad: unknown 'aple' (did you mean 'apple'?); known: apple, banana");
  const Json text = parse_json(R"({"bad": "aple"})", "f.json");
  JsonObject json(text, "f.json");
  CHECK(error_of<UsageError>([&] { choose(fruits, json, "bad"); }) ==
        "f.json: bad: unknown 'aple' (did you mean 'apple'?); known: apple, banana");
}
