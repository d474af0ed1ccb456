// SPDX-License-Identifier: Apache-2.0
#include "gate/util/toml_table.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>
#include <sstream>
#include <utility>

#include "gate/util/error.h"
#include "gate/util/plausible.h"
#include "gate/util/text.h"

namespace perfgate {

/// The data that all tables of one file share; it owns the parsed tree that the nodes point into.
struct TomlTable::Document {
  std::string source;
  toml::table root;
};

struct TomlTable::Node {
  std::shared_ptr<Document> document;
  const toml::table* table = nullptr;
  std::string path;  ///< "" or "suite." or "case.3."
  std::set<std::string, std::less<>> asked;

  const toml::node* find(std::string_view key) {
    asked.insert(std::string(key));
    return table->get(key);
  }
};

namespace {

std::string_view type_word(toml::node_type type) {
  switch (type) {
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date";
  }
}

}  // namespace

namespace {

constexpr std::size_t longest_text = std::size_t{16} << 20U;
/// toml++ descends a level for each part of a dotted key and each open bracket, and its tables are
/// destroyed by recursion, so a file must not be able to exhaust the stack. No file of ours has
/// more than 4 parts, or brackets in brackets.
constexpr int most_parts = 32, most_brackets = 32;

/// Walks once through a text that toml++ has not seen yet, just well enough to tell strings and
/// comments from the rest. Where a text is no valid TOML both may disagree, but toml++ gives up at
/// the first such place.
class DepthWatch {
 public:
  DepthWatch(std::string_view text, const std::string& source) : m_text(text), m_source(source) {}

  void check() {
    while (m_at < m_text.size()) {
      const char c = m_text[m_at];
      if (c == '"' || c == '\'')
        skip_string(c);
      else if (c == '#')
        m_at = std::min(m_text.find('\n', m_at), m_text.size());
      else
        take(c);
    }
  }

 private:
  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool many_lines = m_text.substr(m_at).starts_with(three);
    m_at += many_lines ? 3 : 1;
    while (m_at < m_text.size()) {
      const char c = m_text[m_at];
      if (c == '\n') ++m_line;
      if (quote == '"' && c == '\\') {
        m_at += 2;
        continue;
      }
      if (many_lines ? m_text.substr(m_at).starts_with(three) : c == quote || c == '\n') {
        m_at += many_lines ? 3 : 1;
        // One or two quotes may stand just before the closing three.
        for (int more = 0; many_lines && more < 2 && m_text.substr(m_at).starts_with(quote); ++more)
          ++m_at;
        return;
      }
      ++m_at;
    }
  }

  void take(char c) {
    ++m_at;
    if (c == '.') {
      if (++m_dots >= most_parts) fail("a key of more than", most_parts, "parts");
    } else if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) {
      m_dots = 0;
      if (c == '\n') ++m_line;
      if (c == '[' || c == '{') ++m_brackets;
      if (c == ']' || c == '}') m_brackets = std::max(0, m_brackets - 1);
      if (m_brackets > most_brackets) fail("nested deeper than", most_brackets, "levels");
    }
  }

  [[noreturn]] void fail(std::string_view what, int most, std::string_view of) const {
    throw UsageError(fmt::format("{}:{}: {} {} {}", m_source, m_line, what, most, of));
  }

  std::string_view m_text;
  const std::string& m_source;
  std::size_t m_at = 0;
  int m_line = 1, m_dots = 0, m_brackets = 0;
};

}  // namespace

namespace {

toml::table parsed(std::string_view text, const std::string& source) {
  if (text.size() > longest_text)
    throw UsageError(fmt::format("{}: {} bytes, more than the {} that a TOML file may have", source,
                                 text.size(), longest_text));
  DepthWatch(text, source).check();
  try {
    return toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    throw UsageError(fmt::format("{}:{}: not valid TOML: {}", source, error.source().begin.line,
                                 error.description()));
  }
}

/// Gives `own` what only `defaults` has. Nodes are moved, because a copy forgets its line.
void complete(toml::table& own, toml::table&& defaults) {
  for (auto&& [key, node] : defaults) {
    toml::node* const there = own.get(key);
    if (!there) {
      own.insert(key, std::move(node));
    } else if (there->is_table() && node.is_table()) {
      complete(*there->as_table(), std::move(*node.as_table()));
    } else if (there->is_array_of_tables() && node.is_array_of_tables()) {
      toml::array& list = *there->as_array();
      auto at = list.begin();
      for (toml::node& element : *node.as_array())
        at = std::next(list.insert(at, std::move(element)));
    }
  }
}

std::string toml_text(const toml::node& node) {
  // The formatter prints 17 digits of a number.
  if (const auto number = node.value_exact<double>()) return fmt::format("{}", *number);
  std::ostringstream text;
  text << toml::toml_formatter(
      node, toml::toml_formatter::default_flags & ~toml::format_flags::allow_literal_strings);
  return text.str();
}

void collect(const toml::node& node, const std::string& key, std::vector<TomlValue>& out) {
  if (const toml::table* table = node.as_table()) {
    for (const auto& [name, child] : *table)
      collect(child, key.empty() ? std::string(name.str()) : fmt::format("{}.{}", key, name.str()),
              out);
  } else if (node.is_array_of_tables()) {
    std::size_t index = 0;
    for (const toml::node& element : *node.as_array())
      collect(element, fmt::format("{}[{}]", key, index++), out);
  } else {
    const toml::source_region& place = node.source();
    out.push_back({key, toml_text(node), place.path ? *place.path : "", place.begin.line});
  }
}

}  // namespace

TomlTable TomlTable::of(std::shared_ptr<Document> document) {
  auto node = std::make_shared<Node>();
  node->table = &document->root;
  node->document = std::move(document);
  return TomlTable(std::move(node));
}

TomlTable TomlTable::parse(std::string_view text, const std::string& source) {
  return of(std::make_shared<Document>(Document{source, parsed(text, source)}));
}

TomlTable TomlTable::parse_layers(const TomlText& own, const TomlText& defaults) {
  auto document = std::make_shared<Document>(Document{own.source, parsed(own.text, own.source)});
  complete(document->root, parsed(defaults.text, defaults.source));
  return of(std::move(document));
}

std::vector<TomlValue> TomlTable::values() const {
  std::vector<TomlValue> out;
  collect(*m_node->table, "", out);
  return out;
}

void TomlTable::fail(std::string_view key, std::string_view text) const {
  const toml::node* node = m_node->table->get(key);
  const toml::source_region& region = node ? node->source() : m_node->table->source();
  const std::string& file = region.path ? *region.path : m_node->document->source;
  const auto line = region.begin.line;
  const std::string place = line > 0 ? fmt::format("{}:{}", file, line) : file;
  constexpr std::size_t longest_path = 300;
  throw UsageError(fmt::format("{}: {}{}: {}", place, clipped(m_node->path, longest_path),
                               clipped(key, longest_path), text));
}

namespace {

template <class T>
std::optional<T> exact(const toml::node& node) {
  if constexpr (std::is_same_v<T, double>) {
    // An integer may stand for a number (2 for 2.0), but not the other way round.
    if (const auto value = node.value<double>(); value && (node.is_number())) return value;
    return std::nullopt;
  } else {
    return node.value_exact<T>();
  }
}

template <class T>
constexpr std::string_view wanted() {
  if constexpr (std::is_same_v<T, std::string>) return "a string";
  if constexpr (std::is_same_v<T, double>) return "a number";
  if constexpr (std::is_same_v<T, std::int64_t>) return "an integer";
  if constexpr (std::is_same_v<T, bool>) return "true or false";
}

template <class T>
std::optional<T> read(const TomlTable& table, const toml::node* node, std::string_view key) {
  if (!node) return std::nullopt;
  auto value = exact<T>(*node);
  if (!value)
    table.fail(key, fmt::format("expected {}, found {}", wanted<T>(), type_word(node->type())));
  if constexpr (std::is_same_v<T, double>)
    if (!is_plausible(*value)) table.fail(key, plausible_wanted);
  return value;
}

template <class T>
T require(const TomlTable& table, std::optional<T> value, std::string_view key) {
  // A mistyped key is both missing and unknown; naming the key that is there says more.
  if (!value) table.fail(key, "missing" + did_you_mean(key, table.keys(), "is it the '{}' there?"));
  return *std::move(value);
}

template <class T>
std::vector<T> read_list(const TomlTable& table, const toml::node* node, std::string_view key) {
  if (!node) table.fail(key, "missing");
  if (!node->is_array())
    table.fail(key, fmt::format("expected a list, found {}", type_word(node->type())));
  std::vector<T> out;
  for (const toml::node& element : *node->as_array()) out.push_back(*read<T>(table, &element, key));
  return out;
}

}  // namespace

std::optional<std::string> TomlTable::optional_string(std::string_view key) {
  return read<std::string>(*this, m_node->find(key), key);
}
std::optional<double> TomlTable::optional_number(std::string_view key) {
  return read<double>(*this, m_node->find(key), key);
}
std::optional<std::int64_t> TomlTable::optional_integer(std::string_view key) {
  return read<std::int64_t>(*this, m_node->find(key), key);
}
std::optional<bool> TomlTable::optional_boolean(std::string_view key) {
  return read<bool>(*this, m_node->find(key), key);
}
std::string TomlTable::string(std::string_view key) {
  return require(*this, optional_string(key), key);
}
double TomlTable::number(std::string_view key) {
  return require(*this, optional_number(key), key);
}
std::int64_t TomlTable::integer(std::string_view key) {
  return require(*this, optional_integer(key), key);
}
std::vector<std::string> TomlTable::strings(std::string_view key) {
  return read_list<std::string>(*this, m_node->find(key), key);
}
std::vector<double> TomlTable::numbers(std::string_view key) {
  return read_list<double>(*this, m_node->find(key), key);
}
std::vector<int> TomlTable::integers(std::string_view key) {
  std::vector<int> out;
  for (const std::int64_t value : read_list<std::int64_t>(*this, m_node->find(key), key)) {
    if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
      fail(key, fmt::format("{} is too large", value));
    out.push_back(static_cast<int>(value));
  }
  return out;
}

std::optional<TomlTable> TomlTable::optional_table(std::string_view key) {
  const toml::node* node = m_node->find(key);
  if (!node) return std::nullopt;
  if (!node->is_table())
    fail(key, fmt::format("expected a table, found {}", type_word(node->type())));
  auto child = std::make_shared<Node>();
  child->document = m_node->document;
  child->table = node->as_table();
  child->path = fmt::format("{}{}.", m_node->path, key);
  return TomlTable(std::move(child));
}

TomlTable TomlTable::table(std::string_view key) {
  return require(*this, optional_table(key), key);
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) {
  std::vector<TomlTable> out;
  const toml::node* node = m_node->find(key);
  if (!node || (node->is_array() && node->as_array()->empty())) return out;
  if (!node->is_array_of_tables())
    fail(key, fmt::format("expected [[{}]] tables, found {}", key, type_word(node->type())));
  for (const toml::node& element : *node->as_array()) {
    auto child = std::make_shared<Node>();
    child->document = m_node->document;
    child->table = element.as_table();
    child->path = fmt::format("{}{}[{}].", m_node->path, key, out.size());
    out.push_back(TomlTable(std::move(child)));
  }
  return out;
}

bool TomlTable::has(std::string_view key) const {
  return m_node->table->contains(key);
}

std::vector<std::string> TomlTable::keys() const {
  std::vector<std::pair<toml::source_position, std::string>> found;
  for (const auto& [key, node] : *m_node->table)
    found.emplace_back(key.source().begin, std::string(key.str()));
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first.line, a.first.column) < std::pair(b.first.line, b.first.column);
  });
  std::vector<std::string> out;
  for (auto& [position, key] : found) out.push_back(std::move(key));
  return out;
}

void TomlTable::require_schema(std::int64_t known) {
  require_schema(known, known);
}

std::int64_t TomlTable::require_schema(std::int64_t oldest, std::int64_t newest) {
  const std::int64_t found = integer("schema");
  if (found >= oldest && found <= newest) return found;
  const std::string known =
      oldest == newest ? fmt::to_string(newest) : fmt::format("{} to {}", oldest, newest);
  fail("schema", fmt::format("this perfgate reads schema {}, the file has {}", known, found));
}

void TomlTable::finish() const {
  const std::vector<std::string> known(m_node->asked.begin(), m_node->asked.end());
  for (const std::string& key : keys())
    if (!m_node->asked.contains(key)) fail(key, "unknown key" + did_you_mean(key, known));
}

}  // namespace perfgate
