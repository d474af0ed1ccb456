// SPDX-License-Identifier: Apache-2.0
// Reads JSON into a tree in time that grows with the text alone. The library's own parser with a
// callback looks through all earlier elements of a list whenever an object in it ends.
#include <fmt/format.h>

#include <set>
#include <utility>

#include "gate/util/error.h"
#include "gate/util/json_object.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// What walks through a value does so by recursion, which a file must not be able to exhaust.
constexpr std::size_t deepest = 64;
/// An object is a list that is searched from its beginning, so its keys cost their number squared.
/// The largest that perfgate writes has a key for each group of cases of an imported run.
constexpr std::size_t most_keys = 2000;
/// Events of the parser between two calls of what call_while_parsing() set: far below a
/// millisecond.
constexpr int events_a_call = 1 << 14;

void (*while_parsing)() = nullptr;

/// Builds the tree. Throws UsageError where a text would cost more than its length, and for a key
/// that an object has already: the last value would win, and the reader of the file may believe the
/// first.
class Reader final : public Json::json_sax_t {
 public:
  Reader(const std::string& source, std::size_t bytes) : m_source(source), m_bytes(bytes) {}

  Json take() { return std::move(m_root); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(value); }
  bool number_unsigned(std::uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string&) override { return add(value); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(Json::binary_t& value) override { return add(std::move(value)); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override;
  bool parse_error(std::size_t position, const std::string&, const Json::exception& error) override;

 private:
  struct Open {
    Json* value;
    std::set<std::string> keys{};  ///< of an object
    std::string key{};             ///< whose value is being read
  };

  bool add(Json value) {
    place(std::move(value));
    return true;
  }
  Json* place(Json value);
  bool open(Json value);
  bool close() {
    m_open.pop_back();
    return true;
  }

  const std::string& m_source;
  std::size_t m_bytes;
  int m_events = 0;
  Json m_root;
  std::vector<Open> m_open;  ///< from the root to the innermost; only the last one grows
};

Json* Reader::place(Json value) {
  if (++m_events % events_a_call == 0 && while_parsing) while_parsing();
  if (m_open.empty()) {
    m_root = std::move(value);
    return &m_root;
  }
  Json& parent = *m_open.back().value;
  if (parent.is_array()) return &parent.get_ref<Json::array_t&>().emplace_back(std::move(value));
  // Its key is new, as key() saw to, so it need not be looked for.
  return &parent.get_ref<Json::object_t&>()
              .emplace_back(m_open.back().key, std::move(value))
              .second;
}

bool Reader::open(Json value) {
  if (m_open.size() == deepest)
    throw UsageError(fmt::format("{}: nested deeper than {} levels", m_source, deepest));
  m_open.push_back({place(std::move(value))});
  return true;
}

bool Reader::key(std::string& name) {
  Open& object = m_open.back();
  object.key = name;
  if (!object.keys.insert(std::move(name)).second) {
    std::string path;
    for (const Open& one : m_open)
      if (!one.key.empty()) path += (path.empty() ? "" : ".") + one.key;
    throw UsageError(fmt::format("{}: {}: the key stands twice in one object; keep one of them",
                                 m_source, printable(path)));
  }
  if (object.keys.size() > most_keys)
    throw UsageError(fmt::format("{}: an object with more than {} keys", m_source, most_keys));
  return true;
}

bool Reader::parse_error(std::size_t position, const std::string&, const Json::exception& error) {
  // A number beyond any double is no error of the grammar.
  if (dynamic_cast<const Json::out_of_range*>(&error))
    throw UsageError(fmt::format("{}: {}", m_source, printable(error.what())));
  // "[json.exception.parse_error.101] parse error at line 1, column 1: syntax error ...": the place
  // is told in bytes, and the number says nothing to a reader.
  std::string_view what = error.what();
  if (const std::size_t begin = what.find(": "); begin != std::string_view::npos)
    what.remove_prefix(begin + 2);
  throw UsageError(fmt::format(
      "{}: not valid JSON at byte {} of {}: {}", m_source, position, m_bytes,
      position >= m_bytes ? "the file ends too early (truncated?)" : printable(std::string(what))));
}

}  // namespace

void call_while_parsing(void (*look)()) {
  while_parsing = look;
}

Json parse_json(std::string_view text, const std::string& source) {
  Reader reader(source, text.size());
  Json::sax_parse(text, &reader);
  return reader.take();
}

}  // namespace perfgate
