// SPDX-License-Identifier: Apache-2.0
// A strict view of a JSON object: every key that is not asked for is an error with a did-you-mean,
// every error names the file and the path. The counterpart of TomlTable.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

using Json = nlohmann::ordered_json;

/// Parses `text`; throws UsageError with the place where it is cut off or malformed, naming a key
/// that stands twice in one object, or for one that nests deeper than 64 levels or has an object of
/// more than 2,000 keys.
Json parse_json(std::string_view text, const std::string& source);

/// Sets a function that parse_json() calls now and then; it may throw. The shell looks for signals.
void call_while_parsing(void (*look)());

/// JSON text in which a value that fits one line of 120 characters stands on one line, so that a
/// record can be read and diffed. Ends in a newline.
std::string json_text(const Json& value);

class JsonObject {
 public:
  /// Throws UsageError when `value` is no object. `value` must outlive the view.
  JsonObject(const Json& value, std::string source, std::string path = "");

  std::string string(const std::string& key);
  double number(const std::string& key);
  double positive(const std::string& key);
  std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high);
  int small_integer(const std::string& key, int low, int high);
  bool boolean(const std::string& key);
  const Json& any(const std::string& key);  ///< of whatever type
  std::vector<std::string> strings(const std::string& key);
  std::vector<std::vector<std::string>> lists_of_strings(const std::string& key);
  std::vector<double> numbers(const std::string& key);
  JsonObject object(const std::string& key);
  std::vector<JsonObject> objects(const std::string& key);  ///< empty when missing

  std::optional<std::string> optional_string(const std::string& key);
  std::optional<double> optional_number(const std::string& key);
  std::optional<bool> optional_boolean(const std::string& key);
  bool has(const std::string& key) const { return m_value->contains(key); }
  std::vector<std::string> keys() const;

  void require_schema(int known);
  /// From here on unknown keys are skipped where a newer perfgate of the same major version wrote
  /// the file (`written_by` and `own` as "1.2.3+gabc"): such a key is optional by the promise that
  /// another schema would say otherwise. Objects that were taken out before are not affected.
  void skip_unknown_of_newer(std::string_view written_by, std::string_view own);
  /// Returns what was skipped, in one sentence; "" when nothing was.
  std::string skipped_note() const;
  void finish() const;
  [[noreturn]] void fail(std::string_view key, std::string_view text) const;

 private:
  struct Skipped;
  JsonObject inner(const Json& value, std::string path) const;
  const Json& get(const std::string& key);
  const Json& get(const std::string& key, bool is_type, std::string_view wanted);
  const Json* find(const std::string& key);
  const Json& list(const std::string& key);
  std::vector<std::string> read_strings(const std::string& key, const Json& list) const;

  const Json* m_value;
  std::string m_source, m_path;
  std::set<std::string> m_asked;

  std::shared_ptr<Skipped> m_skipped;  ///< shared with the objects inside; null: nothing may be
};

}  // namespace perfgate
