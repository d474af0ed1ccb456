// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/engine/mutation.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace {

using Json = nlohmann::ordered_json;

std::size_t below(std::size_t count, Random& random) {
  return count == 0 ? 0 : random() % count;
}

/// Values that readers forget: at the ends of types, of no type, and of markup.
constexpr std::array interesting{
    "0",      "-1",         "1e308",   "5e-324",      "1e-100",     "9223372036854775807",
    "-0.0",   "1e999",      "nan",     "inf",         "\"\"",       "\"a/b\"",
    "true",   "null",       "[]",      "{}",          "[[[[1]]]]",  "18446744073709551616",
    "\"*\"",  "\"<b>|\"",   "\"::x\"", "\"\\u202e\"", "\"\\n::x\"", "\"\\ud800\"",
    "\"@a\"", "\"`1`\"",    "2",       "1",           "\"x y\"",    "\"https://a\\\"b\"",
    "4096",   "2147483648", "[0]",     "-1e-9"};

std::string_view interesting_value(Random& random) {
  return interesting[below(interesting.size(), random)];
}

/// Puts pointers to `value` and to all that is inside into `all`.
void gather(Json& value, std::vector<Json*>& all) {
  all.push_back(&value);
  if (value.is_structured())
    for (Json& element : value) gather(element, all);
}

void drop_or_double(Json& place, Random& random) {
  const std::size_t at = below(place.size(), random);
  if (place.is_array()) {
    if (random() % 2 == 0)
      place.erase(at);
    else
      place.push_back(Json(place[at]));
  } else {
    auto entry = place.begin();
    std::advance(entry, static_cast<std::ptrdiff_t>(at));
    if (random() % 2 == 0)
      place.erase(entry.key());
    else
      place[entry.key() + "x"] = Json(entry.value());
  }
}

std::string mutated_json(Json document, Random& random) {
  std::vector<Json*> all;
  gather(document, all);
  Json& place = *all[below(all.size(), random)];
  switch (random() % 6) {
    case 0:
    case 1:
      place = Json::parse(interesting_value(random), nullptr, false);
      break;
    case 2:
      place = Json(*all[below(all.size(), random)]);
      break;
    case 3:
      if (place.is_number()) place = place.get<double>() * (random() % 2 == 0 ? 1.5 : -1e3);
      if (place.is_string()) place = place.get<std::string>() + "\u00e9|<&\x01";
      break;
    default:
      if (place.is_structured() && !place.empty()) drop_or_double(place, random);
  }
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string mutated_bytes(std::string text, Random& random) {
  const std::size_t at = below(text.size() + 1, random);
  const std::size_t length = std::min(text.size() - at, below(16, random) + 1);
  switch (random() % 6) {
    case 0:
      text.insert(at, 1, static_cast<char>(random() % 256));
      break;
    case 1:
      text.erase(at, length);
      break;
    case 2:
      text.insert(below(text.size() + 1, random), text.substr(at, length));
      break;
    case 3:
      text.insert(at, interesting_value(random));
      break;
    case 4:
      text.resize(at);
      break;
    default:
      if (at < text.size())
        text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1U << random() % 8));
  }
  return text;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines(1);
  for (const char c : text)
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  return lines;
}

std::string mutated_lines(std::string_view text, Random& random) {
  std::vector<std::string> lines = lines_of(text);
  const std::size_t at = below(lines.size(), random), other = below(lines.size(), random);
  switch (random() % 5) {
    case 0:
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 1:
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), std::string(lines[other]));
      break;
    case 2:
      std::swap(lines[at], lines[other]);
      break;
    case 3:
      if (const std::size_t equals = lines[at].find('='); equals != std::string::npos)
        lines[at].replace(equals, std::string::npos, "= " + std::string(interesting_value(random)));
      break;
    default:
      lines[at] = mutated_bytes(lines[at], random);
  }
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

}  // namespace

std::string mutated(std::string_view input, InputForm form, Random& random) {
  const bool as_bytes = random() % 8 == 0;
  if (form == InputForm::json && !as_bytes)
    if (Json document = Json::parse(input, nullptr, false); !document.is_discarded())
      return mutated_json(std::move(document), random);
  if (form == InputForm::lines && !as_bytes) return mutated_lines(input, random);
  return mutated_bytes(std::string(input), random);
}
