// SPDX-License-Identifier: Apache-2.0
// A strict view of a TOML file: every key that is not asked for is an error with a did-you-mean,
// every error names the file, the line and the key. The only place that includes toml++.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

/// A TOML file: its text, and its name in error messages.
struct TomlText {
  std::string text, source;
};

/// One value of a document, and where it was written.
struct TomlValue {
  std::string key;    ///< "judge.tolerance[0].percent"
  std::string value;  ///< as TOML
  std::string source;
  std::uint32_t line = 0;
};

/// One table of a TOML document. Every reader throws UsageError when the key is missing or has
/// another type. Call finish() when all known keys were read.
class TomlTable {
 public:
  /// `source` is the file's name in error messages. Throws UsageError for a text that is no valid
  /// TOML, longer than 16 MiB, or has a key of more than 32 parts or brackets 32 deep.
  static TomlTable parse(std::string_view text, const std::string& source);

  /// The same for two layers: a key that `own` lacks is `defaults`'. Tables are joined key by key.
  /// Lists of tables, in which the last match wins, are joined with the defaults first; where `own`
  /// has an empty list, there are no defaults. An error names the file that the value comes from.
  static TomlTable parse_layers(const TomlText& own, const TomlText& defaults);

  std::string string(std::string_view key);
  double number(std::string_view key);
  std::int64_t integer(std::string_view key);
  std::vector<std::string> strings(std::string_view key);
  std::vector<double> numbers(std::string_view key);
  std::vector<int> integers(std::string_view key);
  TomlTable table(std::string_view key);
  std::vector<TomlTable> tables(std::string_view key);  ///< an array of tables; missing is empty

  std::optional<std::string> optional_string(std::string_view key);
  std::optional<double> optional_number(std::string_view key);
  std::optional<std::int64_t> optional_integer(std::string_view key);
  std::optional<bool> optional_boolean(std::string_view key);
  std::optional<TomlTable> optional_table(std::string_view key);
  bool has(std::string_view key) const;

  /// Every value below this table, by key.
  std::vector<TomlValue> values() const;

  /// The keys of the table in the file's order.
  std::vector<std::string> keys() const;

  /// Reads `schema` and refuses any other than `known`.
  void require_schema(std::int64_t known);
  /// Reads `schema`, refuses any outside of `oldest` to `newest`, and returns it.
  std::int64_t require_schema(std::int64_t oldest, std::int64_t newest);
  /// Throws for the first key that was not asked for.
  void finish() const;
  /// Throws UsageError "file:line: key: text".
  [[noreturn]] void fail(std::string_view key, std::string_view text) const;

 private:
  struct Document;
  struct Node;
  static TomlTable of(std::shared_ptr<Document> document);
  explicit TomlTable(std::shared_ptr<Node> node) : m_node(std::move(node)) {}
  std::shared_ptr<Node> m_node;
};

}  // namespace perfgate
