// SPDX-License-Identifier: Apache-2.0
#include "gate/util/json_object.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

template <class Read>
std::string json_refusal(const std::string& text, Read read) {
  return error_of<UsageError>([&] {
    const Json document = parse_json(text, "f.json");
    JsonObject json(document, "f.json");
    read(json);
  });
}

}  // namespace

TEST_CASE("malformed JSON names the byte", "[json_object]") {
  CHECK(error_of<UsageError>([] { parse_json("{\"a\": 1", "f.json"); }) ==
        "f.json: not valid JSON at byte 8 of 7: the file ends too early (truncated?)");
  CHECK_THAT(error_of<UsageError>([] { parse_json("{\"a\" 1}", "f.json"); }),
             StartsWith("f.json: not valid JSON at byte 6 of 7"));
  // The parser's own number and place would say it twice.
  CHECK_THAT(error_of<UsageError>([] { parse_json("{\"a\" 1}", "f.json"); }),
             ContainsSubstring("of 7: syntax error") && !ContainsSubstring("json.exception"));
  CHECK_THAT(error_of<UsageError>([] { parse_json("", "f.json"); }),
             ContainsSubstring("ends too early"));
  CHECK_THAT(error_of<UsageError>([] { parse_json("{} x", "f.json"); }),
             StartsWith("f.json: not valid JSON"));
  CHECK_THAT(error_of<UsageError>([] { parse_json("\"\x1b[2J\xff\"", "f.json"); }),
             !ContainsSubstring("\x1b"));
}

TEST_CASE("a number too large for a double is malformed, not a crash", "[json_object]") {
  CHECK_THAT(error_of<UsageError>([] { parse_json("{\"a\": 1e999}", "f.json"); }),
             StartsWith("f.json: "));
}

TEST_CASE("deep nesting is refused, without a crash", "[json_object]") {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  CHECK_NOTHROW(parse_json(nested(64), "f.json"));
  for (const std::size_t levels : {std::size_t{65}, std::size_t{20000}, std::size_t{1000000}})
    CHECK(error_of<UsageError>([&] { parse_json(nested(levels), "f.json"); }) ==
          "f.json: nested deeper than 64 levels");
}

TEST_CASE("types and ranges are checked with the path", "[json_object]") {
  const std::string text =
      R"({"s": "x", "n": 1.5, "i": 7, "z": 0, "b": true, "o": {"deep": [{"k": 1}]}, "l": ["a"], "u": 18446744073709551615})";
  CHECK(json_refusal(text, [](JsonObject& j) { j.string("n"); }) ==
        "f.json: n: expected a string, found number");
  CHECK(json_refusal(text, [](JsonObject& j) { j.number("s"); }) ==
        "f.json: s: expected a number, found string");
  CHECK(json_refusal(text, [](JsonObject& j) { j.integer("n", 0, 9); }) ==
        "f.json: n: expected an integer, found number");
  CHECK(json_refusal(text, [](JsonObject& j) { j.integer("i", 0, 6); }) ==
        "f.json: i: 7 is outside 0 to 6");
  CHECK(json_refusal(text, [](JsonObject& j) { j.integer("u", 0, INT64_MAX); }) ==
        "f.json: u: 18446744073709551615 is outside 0 to 9223372036854775807");
  CHECK(json_refusal(text, [](JsonObject& j) { j.positive("z"); }) ==
        "f.json: z: expected more than 0, found 0");
  CHECK_THAT(json_refusal(text, [](JsonObject& j) { j.boolean("i"); }),
             ContainsSubstring("expected true or false"));
  CHECK_THAT(json_refusal(text, [](JsonObject& j) { j.object("i"); }),
             ContainsSubstring("f.json: i: expected an object"));
  CHECK_THAT(json_refusal(text, [](JsonObject& j) { j.numbers("l"); }),
             ContainsSubstring("expected a list of numbers"));
  CHECK_THAT(json_refusal(text, [](JsonObject& j) { j.lists_of_strings("l"); }),
             ContainsSubstring("lists of strings"));
  CHECK(json_refusal(text, [](JsonObject& j) { j.object("o").objects("deep")[0].string("k"); }) ==
        "f.json: o.deep[0].k: expected a string, found number");
  CHECK(json_refusal(text, [](JsonObject& j) { j.string("none"); }) == "f.json: none: missing");
  CHECK(json_refusal("[1]", [](JsonObject&) {}) ==
        "f.json: the document: expected an object, found array");
}

TEST_CASE("an unknown JSON key is refused with the nearest known one", "[json_object]") {
  CHECK(json_refusal(R"({"wall_s": 1, "walls": 2})", [](JsonObject& j) {
          j.number("wall_s");
          j.finish();
        }) == "f.json: walls: unknown key (did you mean 'wall_s'?)");
  CHECK_THAT(json_refusal("{\"a\\u001b[2J\": 2}", [](JsonObject& j) { j.finish(); }),
             ContainsSubstring("a?[2J: unknown key"));
}

TEST_CASE("a key that stands twice is refused", "[json_object]") {
  CHECK_THAT(json_refusal(R"({"a": 1, "a": 2})",
                          [](JsonObject& j) {
                            j.number("a");
                            j.finish();
                          }),
             ContainsSubstring("a: the key stands twice in one object"));
  // A nested one is named with its path; the same key in two objects is two keys.
  CHECK_THAT(error_of<UsageError>([] {
               parse_json(R"({"p": [{"x": 1}, {"x": 2, "y": {"x": 3}, "x": 4}]})", "f.json");
             }),
             ContainsSubstring("f.json: p.x: the key stands twice"));
  CHECK_NOTHROW(parse_json(R"({"x": [{"x": 1}, {"x": {"x": 3}}]})", "f.json"));
}

TEST_CASE("JSON text: short values on a line, one newline at the end", "[json_object]") {
  CHECK(json_text(Json{{"a", 1}, {"b", {1, 2}}}) == "{\"a\":1,\"b\":[1,2]}\n");
  const std::string wide(60, 'x');
  CHECK(json_text(Json{{"a", wide}, {"b", wide}}) ==
        "{\n \"a\": \"" + wide + "\",\n \"b\": \"" + wide + "\"\n}\n");
  // A long list of numbers stays on one line.
  const std::string numbers = json_text(Json(std::vector<int>(200, 1)));
  CHECK(std::count(numbers.begin(), numbers.end(), '\n') == 1);
}

TEST_CASE("JSON text reads back, whatever stands in it", "[json_object]") {
  const Json value{{"k\"\\\n", {{"x", std::vector<std::string>(30, "\x1b|`<")}}}, {"n", 1e-300}};
  CHECK(parse_json(json_text(value), "f") == value);
  // Invalid UTF-8 is replaced, because half a record is worse than a wrong letter.
  CHECK_NOTHROW(parse_json(json_text(Json{{"a", "\xff\xfe"}}), "f"));
}

TEST_CASE("an object with too many keys is refused, wherever it is", "[json_object]") {
  const auto object = [](int keys) {
    std::string text = R"({"k0": 0)";
    for (int i = 1; i < keys; ++i) text += ",\"k" + std::to_string(i) + "\": 0";
    return text + "}";
  };
  CHECK_NOTHROW(parse_json("[" + object(2000) + "," + object(2000) + "]", "f.json"));
  for (const std::string& text : {object(2001), R"([{"a": [)" + object(70000) + "]}]",
                                  R"({"a": {}, "b": )" + object(70000) + "}"})
    CHECK(error_of<UsageError>([&] { parse_json(text, "f.json"); }) ==
          "f.json: an object with more than 2000 keys");
}

TEST_CASE("an unknown key of megabytes is refused in a short sentence", "[json_object]") {
  const std::string text = "{\"" + std::string(std::size_t{4} << 20U, 'k') + "\": 1}";
  const std::string said = json_refusal(text, [](JsonObject& j) {
    for (int i = 0; i < 50; ++i) j.optional_number("known" + std::to_string(i));
    j.finish();
  });
  CHECK(said.size() < 500);
  CHECK_THAT(said, EndsWith(": unknown key"));
}

TEST_CASE("numbers that no unit needs are refused", "[json_object]") {
  for (const std::string number : {"5e-324", "1e-101", "1e101", "-1e300"}) {
    INFO(number);
    const std::string text = "{\"n\": " + number + ", \"l\": [1, " + number + "]}";
    for (const std::string& said : {json_refusal(text, [](JsonObject& j) { j.number("n"); }),
                                    json_refusal(text, [](JsonObject& j) { j.numbers("l"); })})
      CHECK_THAT(said, EndsWith("expected a finite number: 0, or from 1e-100 to 1e100 in size"));
  }
  for (const std::string number : {"0", "-0.0", "1e-100", "-1e100"}) {
    const Json document = parse_json("{\"n\": " + number + "}", "f");
    CHECK_NOTHROW(JsonObject(document, "f").number("n"));
  }
}

TEST_CASE("unknown keys of a newer minor version are skipped, and named", "[json_object]") {
  const auto note_of = [](const std::string& text, const char* written_by, const char* own) {
    const Json document = parse_json(text, "f.json");
    JsonObject json(document, "f.json");
    json.integer("a", 0, 9);
    json.skip_unknown_of_newer(written_by, own);
    for (JsonObject& entry : json.objects("list")) entry.finish();
    json.finish();
    return json.skipped_note();
  };
  const std::string text = R"({"a": 1, "b": 2, "list": [{"x": 1}, {"x": 2}]})";
  CHECK(note_of(text, "1.3.0+g0123", "1.2.9") ==
        "f.json was written by perfgate 1.3.0+g0123, and this is 1.2.9: skipped what it does not "
        "know: b, list[].x");
  CHECK(note_of(R"({"a": 1})", "1.3.0", "1.2.0").empty());
  CHECK_THAT(note_of(R"({"a":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1})", "0.2.0", "0.1.0"),
             EndsWith("c, d, e, f, g, and more"));
  // Its own version, an older one, another major one and no version at all are read strictly.
  for (const char* written_by : {"1.2.9", "1.1.0", "2.3.0", "1", "", "x.y", "-1.3.0"}) {
    INFO(written_by);
    CHECK_THAT(error_of<UsageError>([&] { note_of(text, written_by, "1.2.0"); }),
               ContainsSubstring("list[0].x: unknown key"));
  }
}
