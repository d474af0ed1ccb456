// SPDX-License-Identifier: Apache-2.0
#include "gate/util/json_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "gate/util/error.h"
#include "gate/util/plausible.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::size_t widest_line = 120;

void print(const Json& value, std::size_t indent, std::string& out) {
  const std::string line = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  const bool numbers_only =
      value.is_array() && std::all_of(value.begin(), value.end(),
                                      [](const Json& element) { return element.is_number(); });
  if (!value.is_structured() || value.empty() || numbers_only ||
      indent + line.size() <= widest_line) {
    out += line;
    return;
  }
  const bool object = value.is_object();
  out += object ? '{' : '[';
  bool first = true;
  for (const auto& [key, element] : value.items()) {
    out += first ? "\n" : ",\n";
    first = false;
    out.append(indent + 1, ' ');
    if (object) out += Json(key).dump() + ": ";
    print(element, indent + 1, out);
  }
  out += '\n';
  out.append(indent, ' ');
  out += object ? '}' : ']';
}

}  // namespace

std::string json_text(const Json& value) {
  std::string out;
  print(value, 0, out);
  out += '\n';
  return out;
}

JsonObject::JsonObject(const Json& value, std::string source, std::string path)
    : m_value(&value), m_source(std::move(source)), m_path(std::move(path)) {
  if (!value.is_object())
    throw UsageError(fmt::format("{}: {}: expected an object, found {}", m_source,
                                 m_path.empty() ? "the document" : m_path, value.type_name()));
}

namespace {

constexpr std::size_t longest_path = 300;  // of a key in a message

}  // namespace

void JsonObject::fail(std::string_view key, std::string_view text) const {
  throw UsageError(fmt::format("{}: {}{}{}: {}", m_source,
                               clipped(valid_utf8(m_path), longest_path), m_path.empty() ? "" : ".",
                               clipped(valid_utf8(key), longest_path), text));
}

const Json* JsonObject::find(const std::string& key) {
  m_asked.insert(key);
  const auto found = m_value->find(key);
  return found == m_value->end() ? nullptr : &*found;
}

const Json& JsonObject::get(const std::string& key) {
  const Json* found = find(key);
  if (!found) fail(key, "missing");
  return *found;
}

const Json& JsonObject::get(const std::string& key, bool is_type, std::string_view wanted) {
  const Json& value = get(key);
  if (!is_type) fail(key, fmt::format("expected {}, found {}", wanted, value.type_name()));
  return value;
}

std::string JsonObject::string(const std::string& key) {
  return get(key, get(key).is_string(), "a string").get<std::string>();
}
double JsonObject::number(const std::string& key) {
  const double value = get(key, get(key).is_number(), "a number").get<double>();
  if (!is_plausible(value)) fail(key, plausible_wanted);
  return value;
}
double JsonObject::positive(const std::string& key) {
  const double value = number(key);
  if (!(value > 0)) fail(key, fmt::format("expected more than 0, found {}", value));
  return value;
}
std::int64_t JsonObject::integer(const std::string& key, std::int64_t low, std::int64_t high) {
  const Json& found = get(key, get(key).is_number_integer(), "an integer");
  const auto value = found.get<std::int64_t>();
  if (value < low || value > high)
    fail(key, fmt::format("{} is outside {} to {}", found.dump(), low, high));
  return value;
}
int JsonObject::small_integer(const std::string& key, int low, int high) {
  return static_cast<int>(integer(key, low, high));
}
bool JsonObject::boolean(const std::string& key) {
  return get(key, get(key).is_boolean(), "true or false").get<bool>();
}

const Json& JsonObject::any(const std::string& key) {
  return get(key);
}

const Json& JsonObject::list(const std::string& key) {
  return get(key, get(key).is_array(), "a list");
}

std::vector<std::string> JsonObject::strings(const std::string& key) {
  return read_strings(key, list(key));
}

std::vector<std::vector<std::string>> JsonObject::lists_of_strings(const std::string& key) {
  std::vector<std::vector<std::string>> out;
  for (const Json& element : list(key)) {
    if (!element.is_array()) fail(key, "expected a list of lists of strings");
    out.push_back(read_strings(key, element));
  }
  return out;
}

std::vector<std::string> JsonObject::read_strings(const std::string& key, const Json& list) const {
  std::vector<std::string> out;
  for (const Json& element : list) {
    if (!element.is_string()) fail(key, "expected strings");
    out.push_back(element.get<std::string>());
  }
  return out;
}

std::vector<double> JsonObject::numbers(const std::string& key) {
  std::vector<double> out;
  for (const Json& element : list(key)) {
    if (!element.is_number()) fail(key, "expected a list of numbers");
    if (!is_plausible(element.get<double>())) fail(key, plausible_wanted);
    out.push_back(element.get<double>());
  }
  return out;
}

struct JsonObject::Skipped {
  std::string written_by, own;
  std::set<std::string> keys;  ///< the first different ones, without the indices of lists
  bool more = false;

  void add(const std::string& key);
};

void JsonObject::Skipped::add(const std::string& key) {
  constexpr std::size_t most_named = 5;
  std::string name;
  for (const char c : printable(key))
    if (name.empty() || name.back() != '[' || c < '0' || '9' < c) name += c;
  name = clipped(name, longest_path);
  if (keys.size() < most_named)
    keys.insert(std::move(name));
  else if (!keys.contains(name))
    more = true;
}

JsonObject JsonObject::inner(const Json& value, std::string path) const {
  JsonObject object(value, m_source, std::move(path));
  object.m_skipped = m_skipped;
  return object;
}

JsonObject JsonObject::object(const std::string& key) {
  return inner(get(key), m_path.empty() ? key : m_path + "." + key);
}

std::vector<JsonObject> JsonObject::objects(const std::string& key) {
  std::vector<JsonObject> out;
  if (!find(key)) return out;
  for (const Json& element : list(key))
    out.push_back(inner(
        element, fmt::format("{}{}{}[{}]", m_path, m_path.empty() ? "" : ".", key, out.size())));
  return out;
}

std::optional<std::string> JsonObject::optional_string(const std::string& key) {
  return find(key) ? std::optional(string(key)) : std::nullopt;
}
std::optional<double> JsonObject::optional_number(const std::string& key) {
  return find(key) ? std::optional(number(key)) : std::nullopt;
}
std::optional<bool> JsonObject::optional_boolean(const std::string& key) {
  return find(key) ? std::optional(boolean(key)) : std::nullopt;
}

std::vector<std::string> JsonObject::keys() const {
  std::vector<std::string> out;
  for (const auto& [key, value] : m_value->items()) out.push_back(key);
  return out;
}

void JsonObject::require_schema(int known) {
  const Json& found = get("schema", get("schema").is_number_integer(), "an integer");
  if (found != known)
    fail("schema",
         fmt::format("this perfgate reads schema {}, the file has {}", known, found.dump()));
}

void JsonObject::finish() const {
  const std::vector<std::string> known(m_asked.begin(), m_asked.end());
  for (const std::string& key : keys())
    if (!m_asked.contains(key)) {
      if (!m_skipped) fail(printable(key), "unknown key" + did_you_mean(key, known));
      m_skipped->add(m_path.empty() ? key : m_path + "." + key);
    }
}

namespace {

/// Returns {1, 2} for "1.2.3"; empty for what is no version.
std::optional<std::pair<int, int>> version_of(std::string_view text) {
  int major = 0, minor = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, major);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, minor);
  if (second.ec != std::errc()) return std::nullopt;
  return std::pair(major, minor);
}

}  // namespace

void JsonObject::skip_unknown_of_newer(std::string_view written_by, std::string_view own) {
  const auto theirs = version_of(written_by), ours = version_of(own);
  if (!theirs || !ours || theirs->first != ours->first || theirs->second <= ours->second) return;
  m_skipped = std::make_shared<Skipped>(Skipped{std::string(written_by), std::string(own), {}});
}

std::string JsonObject::skipped_note() const {
  if (!m_skipped || m_skipped->keys.empty()) return "";
  return fmt::format(
      "{} was written by perfgate {}, and this is {}: skipped what it does not know: "
      "{}{}",
      m_source, printable(m_skipped->written_by), m_skipped->own,
      join({m_skipped->keys.begin(), m_skipped->keys.end()}), m_skipped->more ? ", and more" : "");
}

}  // namespace perfgate
